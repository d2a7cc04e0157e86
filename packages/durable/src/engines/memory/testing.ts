import { checkOptions, checkTime } from '@outlive/core/internal';
import type { Waiters } from '../../util/waiters.ts';
import type { MemoryJobs } from './jobs.ts';
import type { MemoryJob } from './memory-job.ts';

/** Time in ms after which nobody can be expected to run a job that may start. */
const patience = 5_000;
/** Time in ms that a timer of Node may come too early by another clock. */
const early = 10;

/** How `runPending()` runs jobs. */
export interface RunPendingOptions {
  /** Whether failed runs are retried at once, as if their `backoff` had passed. @defaultValue `false` */
  readonly retries?: boolean | undefined;
}

const never = new AbortController().signal;

/** What a test of an application asks of the jobs in memory. */
export class MemoryTesting {
  readonly #jobs: MemoryJobs;
  readonly #changes: Waiters;

  /** @param changes - woken when a job is stored, and when a run ends */
  constructor(jobs: MemoryJobs, changes: Waiters) {
    this.#jobs = jobs;
    this.#changes = changes;
  }

  /** The payloads of the jobs of this name that have not begun, or wait for another attempt; the oldest first. */
  enqueued(name: string): unknown[] {
    return this.#jobs
      .all()
      .filter(({ phase, spec }) => phase === 'ready' && spec.name === name)
      .map(({ payload }) => JSON.parse(payload) as unknown);
  }

  /** Resolves when no job runs, and none may start; those that wait for their time are left. */
  async runPending(options?: RunPendingOptions): Promise<void> {
    const { retries = false } = checkOptions<RunPendingOptions>('options', options, {
      retries: true,
    });
    for (;;) {
      const jobs = this.#jobs.all();
      if (retries) for (const job of jobs.filter(isRetrying)) job.readyAt = 0;
      const due = jobs.filter((job) => this.#isDue(job));
      const isRunning = jobs.some(({ phase }) => phase === 'active');
      if (due.length === 0 && !isRunning) return;
      // Those that claim jobs, too.
      this.#changes.wake();
      const before = performance.now();
      await this.#changes.wait(patience, never);
      if (!isRunning && performance.now() - before >= patience - early) {
        throw new Error(
          'Nobody runs the jobs: the process has `work: false`, drains, or is closed',
        );
      }
    }
  }

  /** Lets `time` ms pass for all that a store has a clock for. */
  advance(time: number): void {
    checkTime('time', time);
    this.#jobs.advance(time);
    this.#changes.wake();
  }

  #isDue({ phase, readyAt, spec: { name } }: MemoryJob): boolean {
    return phase === 'ready' && readyAt <= this.#jobs.now && !this.#jobs.paused.has(name);
  }
}

function isRetrying({ phase, attempt }: MemoryJob): boolean {
  return phase === 'ready' && attempt > 0;
}
