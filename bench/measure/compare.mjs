// @ts-check
import { isVoid } from '../report/rows.mjs';
import { interleave } from './interleave.mjs';
import { median, ratio } from './statistics.mjs';

/** @typedef {import('./interleave.mjs').Effort} Effort */
/** @typedef {import('./interleave.mjs').Task} Task */
/** @typedef {import('./interleave.mjs').Samples} Samples */
/** @typedef {import('../report/rows.mjs').Row} Row */

export const ours = 'outlive';

const effortByDefault = { sessions: 6, rounds: 24, warmUp: 12 };
const attemptsAllowed = 3;

/**
 * Measures ours beside others, and ours a second time: its ratio to itself is the noise. What is too noisy is
 * measured on, a bounded number of times.
 *
 * @param {Record<string, Task>} tasks the first is ours
 * @param {Record<string, number>} [goals] for what ours divided by theirs may be at most
 * @param {Effort} [effort]
 * @returns {Promise<Row[]>} one for each other
 */
export async function compare(tasks, goals = {}, effort = effortByDefault) {
  const [[first, task] = ['', { file: '', workload: '' }]] = Object.entries(tasks);
  /** @type {Record<string, Samples>} */
  const samples = {};
  let noise = NaN;
  for (let attempt = 1; attempt <= attemptsAllowed && isVoid(noise); attempt += 1) {
    if (attempt > 1) console.error(`  noise ${noise.toFixed(2)}: going on`);
    const more = await interleave({ ...tasks, again: task }, effort);
    for (const [name, sessions] of Object.entries(more)) {
      samples[name] = [...(samples[name] ?? []), ...sessions];
    }
    noise = ratio(samples['again'] ?? [], samples[first] ?? []).value;
  }
  const { [first]: own = [], again: _, ...others } = samples;
  return Object.entries(others).map(([peer, theirs]) => ({
    peer,
    unit: 'ns',
    ours: median(own),
    theirs: median(theirs),
    ratio: ratio(own, theirs),
    ...(peer in goals ? { goal: goals[peer] } : {}),
    noise,
  }));
}

/** One workload, the same for each. @param {string} file @param {string} workload @param {readonly string[]} contestants @param {object} size */
export function tasksOf(file, workload, contestants, size) {
  /** @param {string} contestant */
  const task = (contestant) => ({ file, workload, argument: { contestant, ...size } });
  return Object.fromEntries(contestants.map((contestant) => [contestant, task(contestant)]));
}

/** The median of what a task measures by itself. @param {Task} task @param {number} [warmUp] in blocks */
export async function costOf(task, warmUp = 0) {
  const { only = [] } = await interleave({ only: task }, { sessions: 1, rounds: 1, warmUp });
  return median(only);
}
