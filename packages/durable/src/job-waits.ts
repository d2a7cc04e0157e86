import { JobTimeoutError, SchedulerClosedError } from '@outlive/core';
import { deferred, onAbort, Timer } from '@outlive/core/internal';
import { cancelledJob } from './cancelled-job.ts';
import type { JobLookup } from './backend-operations.ts';
import { JobNotFoundError } from './errors.ts';
import type { StoredJob } from './stored-job.ts';
import { isEnd } from './stored-job.ts';

/** Time in ms between two looks for ends in other processes. One look is for all jobs that are waited for. */
const interval = 500;

/** Least time in ms for the first look: of a job that has ended, each wait gets the end, however short it is. */
const shortestLook = 1_000;

interface Limits {
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** The calls that wait for jobs. */
export class JobWaits {
  readonly #lookup: JobLookup;
  /** What wakes the calls, by the ids of their jobs. */
  readonly #wakes = new Map<string, Set<() => void>>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #closed = false;

  constructor(lookup: JobLookup) {
    this.#lookup = lookup;
  }

  async wait(
    id: string,
    { timeout, signal }: Limits,
    get: () => Promise<StoredJob | undefined>,
  ): Promise<unknown> {
    signal?.throwIfAborted();
    const begun = performance.now();
    const stopped = deferred<never>();
    const stop = (): void => {
      stopped.reject(new JobTimeoutError(`The job ${id} did not end within ${timeout} ms`));
    };
    let timer = new Timer(Math.max(timeout, shortestLook), stop);
    const unlisten = signal && onAbort(signal, () => stopped.reject(signal.reason));
    // Known from before the first look on: it may end meanwhile.
    const ends = this.#follow(id);
    try {
      for (;;) {
        if (this.#closed) throw new SchedulerClosedError();
        const ended = ends.next();
        const job = await Promise.race([get(), stopped.promise]);
        if (job === undefined) throw new JobNotFoundError(`There is no job ${id} in the store`);
        if (isEnd(job.state)) return outcomeOf(job);
        timer.clear();
        timer = new Timer(Math.max(0, timeout - (performance.now() - begun)), stop);
        await Promise.race([ended, stopped.promise]);
      }
    } finally {
      timer.clear();
      unlisten?.();
      ends.stop();
    }
  }

  /** An end that this process knows of at once. */
  ended(id: string): void {
    for (const wake of this.#wakes.get(id) ?? []) wake();
  }

  /** Ends all calls. */
  close(): void {
    this.#closed = true;
    for (const id of this.#wakes.keys()) this.ended(id);
  }

  #follow(id: string): { next: () => Promise<void>; stop: () => void } {
    let coming = deferred<void>();
    const wake = (): void => coming.resolve();
    const wakes = this.#wakes.get(id) ?? new Set();
    this.#wakes.set(id, wakes.add(wake));
    this.#timer ??= setInterval(() => void this.#look(), interval);
    return {
      next: async () => {
        coming = deferred<void>();
        return coming.promise;
      },
      stop: () => {
        wakes.delete(wake);
        if (wakes.size === 0) this.#wakes.delete(id);
        if (this.#wakes.size > 0) return;
        clearInterval(this.#timer);
        this.#timer = undefined;
      },
    };
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (const id of await this.#lookup.ended([...this.#wakes.keys()])) this.ended(id);
    } catch {
      // The store is down: the next look may find it again, and the calls have their own limits.
    } finally {
      this.#isLooking = false;
    }
  }
}

function outcomeOf({ id, name, state, result, error: stored }: StoredJob): unknown {
  if (state === 'completed') return result;
  if (state === 'cancelled') throw cancelledJob(name, id);
  const { name: kind, message, stack } = stored ?? { name: 'Error', message: 'The job failed' };
  const error = new Error(message);
  // As of an error of its own class: not enumerable.
  Object.defineProperty(error, 'name', { value: kind, configurable: true, writable: true });
  if (stack !== undefined) error.stack = stack;
  throw error;
}
