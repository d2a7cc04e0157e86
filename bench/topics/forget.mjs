// @ts-check
import { compare, ours, tasksOf } from '../measure/compare.mjs';

export const title = 'CPU time of a trivial job that nobody awaits: 10,000 at once, 100 at a time';

export default function forget() {
  // p-limit cannot tell when it has nothing left.
  const names = [ours, 'fastq', 'p-queue', 'async'];
  const tasks = tasksOf('queue', 'forget', names, { count: 10_000, limit: 100 });
  return compare(tasks, { fastq: 0.85, 'p-queue': 0.2 });
}
