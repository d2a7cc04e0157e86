import type { JobBackend } from '../../backend.ts';
import type { DefinedJob } from '../../job-definition.ts';
import { MemoryStore } from './store.ts';
import type { RunPendingOptions } from './testing.ts';

/** The jobs in memory, and what a test of an application asks of them. */
export interface MemoryBackend extends JobBackend {
  /** The payloads of the jobs that have not begun, or wait for another attempt; the oldest first. */
  enqueued<I>(job: DefinedJob<I>): I[];
  /**
   * Resolves when no job runs, and none may start: those that a job stores are waited for too, those that wait for their
   * time are left.
   *
   * @throws Error if nobody runs the jobs (rejects)
   */
  runPending(options?: RunPendingOptions): Promise<void>;
  /**
   * Lets so many ms pass in the store, up to a hundred years: for delays, retries, schedules (each time that is due by then gets its job), windows,
   * rates, the leases of processes that are gone, and how long jobs are kept. What runs goes on: its `timeout` is that of
   * the scheduler, whose time this is not.
   *
   * @throws TypeError or RangeError for what is no time
   */
  advance(time: number): void;
}

/**
 * Durable jobs in the memory of this process: for tests. They are retried, delayed and leased as everywhere,
 * and gone when the process ends. Works with fake timers. No transactions: no `tx`.
 *
 * @example
 * ```ts
 * import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
 *
 * const greet = defineJob('greet', ({ name }: { name: string }) => console.log(`Hello ${name}`));
 * const backend = memoryBackend();
 * await using jobs = await openJobs({ jobs: [greet], backend });
 * await jobs.enqueue(greet, { name: 'Ada' }, { delay: 60_000 });
 * console.log(backend.enqueued(greet).length); // 1
 * backend.advance(60_000);
 * await backend.runPending();
 * console.log(backend.enqueued(greet).length); // 0
 * ```
 */
export function memoryBackend(): MemoryBackend {
  return new MemoryStore();
}
