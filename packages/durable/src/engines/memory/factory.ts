import type { JobBackend } from '../../backend.ts';
import { MemoryStore } from './store.ts';

/**
 * Durable jobs in the memory of this process: for tests. They are retried, delayed and leased as everywhere,
 * and gone when the process ends. Works with fake timers. No transactions: no `tx`.
 *
 * @example
 * ```ts
 * import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
 *
 * const job = defineJob('job', () => console.log('it runs'));
 * await using jobs = await openJobs({ jobs: [job], backend: memoryBackend() });
 * await jobs.enqueue(job, {});
 * ```
 */
export function memoryBackend(): JobBackend {
  return new MemoryStore();
}
