import { checkOptions } from '@outlive/core/internal';
import { checkDelay } from '../../enqueue-options.ts';
import type { Waiters } from '../../util/waiters.ts';
import type { MemoryJobs } from './jobs.ts';
import type { MemoryJob } from './memory-job.ts';
import type { MemoryTurns } from './turns.ts';

/** Time in ms between two looks while nothing changes. */
const interval = 50;
/** After so many looks nobody can be expected to run a job that may start: together a second, before a test is given up. */
const mostLooks = 20;
/** Longest time in ms of a wait that is ended earlier. */
const longest = 60_000;

/** Taken once, so that fake timers in a user's tests cannot hold them back. */
const [startTimer, stopTimer] = [setTimeout, clearTimeout];

/** How `runPending()` runs jobs. */
export interface RunPendingOptions {
  /** Whether failed runs are retried at once, as if their `backoff` had passed. @defaultValue `false` */
  readonly retries?: boolean | undefined;
}

const never = new AbortController().signal;

/** What a test of an application asks of the jobs in memory. */
export class MemoryTesting {
  readonly #jobs: MemoryJobs;
  readonly #turns: MemoryTurns;
  readonly #changes: Waiters;

  /** @param changes - woken when a job is stored, and when a run ends */
  constructor(jobs: MemoryJobs, turns: MemoryTurns, changes: Waiters) {
    this.#jobs = jobs;
    this.#turns = turns;
    this.#changes = changes;
  }

  /** The payloads of the jobs of this name that have not begun, or wait for another attempt; the oldest first. */
  enqueued(name: string): unknown[] {
    return this.#jobs
      .live([name])
      .filter(({ phase }) => phase === 'ready')
      .map(({ payload }) => JSON.parse(payload) as unknown);
  }

  /** Resolves when no job runs, and none may start; those that wait for their time are left. */
  async runPending(options?: RunPendingOptions): Promise<void> {
    const { retries = false } = checkOptions<RunPendingOptions>('options', options, {
      retries: true,
    });
    // Those that claim jobs: the time may have been set.
    this.#changes.wake();
    for (let looks = 0; looks < mostLooks;) {
      if (retries) this.#retryNow();
      const isRunning = this.#jobs.live().some(({ phase }) => phase === 'active');
      if (!isRunning && this.#turns.mayStart(this.#jobs.ready()).length === 0) return;
      const hasChanged = await this.#changeWithin(interval);
      if (isRunning) looks = 0;
      else if (!hasChanged) looks += 1;
    }
    throw new Error('Nobody runs the jobs: the process has `work: false`, drains, or is closed');
  }

  #retryNow(): void {
    const { now } = this.#jobs;
    const retrying = this.#jobs.live().filter((job) => isRetrying(job) && job.readyAt > now);
    for (const job of retrying) job.readyAt = now;
    if (retrying.length > 0) this.#changes.wake();
  }

  /** Whether something changes in the next `limit` ms. */
  async #changeWithin(limit: number): Promise<boolean> {
    let hasChanged = true;
    const timer = startTimer(() => {
      hasChanged = false;
      this.#changes.wake();
    }, limit);
    await this.#changes.wait(longest, never);
    stopTimer(timer);
    return hasChanged;
  }

  /** Lets `time` ms pass for all that a store has a clock for. */
  advance(time: number): void {
    checkDelay('time', time);
    this.#jobs.advance(time);
    this.#changes.wake();
  }
}

function isRetrying({ phase, attempt }: MemoryJob): boolean {
  return phase === 'ready' && attempt > 0;
}
