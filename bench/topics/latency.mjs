// @ts-check
import { compare, ours, tasksOf } from '../measure/compare.mjs';

export const title = 'CPU time of a trivial job that is spawned and awaited alone';

const names = [ours, 'fastq', 'p-limit', 'p-queue', 'async', 'model-api', 'bare'];

export default function latency() {
  const tasks = tasksOf('queue', 'oneByOne', names, { count: 10_000, limit: 100 });
  return compare(tasks, { fastq: 0.95, 'p-limit': 0.42, 'p-queue': 0.22 });
}
