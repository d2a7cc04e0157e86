// @ts-check
import { compare, ours, tasksOf } from '../measure/compare.mjs';

export const title =
  'CPU time of a job in bursts of 1,000, of one turn each, 100 at a time, all awaited';

const names = [ours, 'fastq', 'p-limit', 'p-queue', 'async', 'model-api', 'model-context', 'bare'];

export default function bursts() {
  const tasks = tasksOf('queue', 'bursts', names, { count: 1_000, limit: 100, repeat: 10 });
  return compare(tasks, { fastq: 1.25, 'p-limit': 0.85, 'p-queue': 0.55 });
}
