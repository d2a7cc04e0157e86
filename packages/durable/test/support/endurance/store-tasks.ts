import type { DefinedJob, DurableJobs } from '@outlive/durable';
import type { Task } from './versions.ts';

/** In ms: longer than any test. */
const window = 60 * 60 * 1_000;

/**
 * Stores these tasks, each once however often it is tried: a window outlives the job, so that a second try after an answer
 * that was lost stores nothing.
 */
export async function storeTasks(
  jobs: DurableJobs,
  task: DefinedJob<Task>,
  numbers: readonly number[],
): Promise<void> {
  const [first = 0] = numbers;
  if (numbers.length === 1) {
    await jobs.enqueue(task, { n: first }, { key: String(first), window });
    return;
  }
  const entries = numbers.map((n) => ({ payload: { n }, options: { key: String(n), window } }));
  await jobs.enqueueMany(task, entries);
}
