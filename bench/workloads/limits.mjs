// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { openQueue } from '../contestants/queue.mjs';
import { NumberedWork } from './numbered-work.mjs';

/** @typedef {import('../measure/interleave.mjs').Block} Block */
/** @typedef {{ contestant: string, limit: number, count: number, options?: object }} Size `options`: the contestant's own */

/** A burst under a rate, awaited. @param {Size} size @returns {Promise<Block>} */
export async function rated({ contestant, limit, count, options }) {
  const numbered = new NumberedWork();
  const { run } = await openQueue(contestant, limit, numbered.ofOneTurn, options);
  return async () => {
    numbered.reset();
    const results = await Promise.all(Array.from({ length: count }, () => run()));
    return { count, check: () => numbered.checkResults(results, count, limit) };
  };
}

/**
 * The most starts in any `per` ms: one job at first, and just before `per` ms have passed a burst of twice as many as
 * are allowed.
 *
 * @param {Size & { starts: number, per: number, keeps: boolean }} size `keeps`: it promises a sliding window
 * @returns {Block}
 */
export const mostStarts =
  ({ contestant, limit, options, starts, per, keeps }) =>
  async () => {
    /** @type {number[]} */
    const times = [];
    const work = async () => times.push(performance.now());
    const { run } = await openQueue(contestant, limit, work, options);
    const first = run();
    await sleep(per - 25);
    await Promise.all([first, ...Array.from({ length: 2 * starts }, () => run())]);
    const most = Math.max(
      ...times.map((from) => times.filter((time) => time >= from && time < from + per).length),
    );
    const check = () => {
      if (times.length !== 2 * starts + 1) throw new Error(`${times.length} jobs ran`);
      if (keeps && most > starts) throw new Error(`${most} starts in ${per} ms`);
    };
    return { count: times.length, cost: most, check };
  };

/** A burst of jobs, each of one of `keys` keys in turn. @param {Size & { keys: number }} size @returns {Promise<Block>} */
export async function keyed({ contestant, limit, count, keys, options }) {
  const numbered = new NumberedWork();
  const { runFor } = await openQueue(contestant, limit, numbered.ofOneTurn, options);
  if (runFor === undefined) throw new Error(`${contestant} knows no keys`);
  const names = Array.from({ length: keys }, (_, index) => `key ${index}`);
  return async () => {
    numbered.reset();
    const jobs = Array.from({ length: count }, (_, index) => runFor(names[index % keys] ?? ''));
    const results = await Promise.all(jobs);
    return { count, check: () => numbered.checkAll(results, count) };
  };
}

/** A list of things to do as one task, so many at once. @param {Size} size @returns {Promise<Block>} */
export async function grouped({ contestant, limit, count }) {
  const numbered = new NumberedWork();
  const { runAll } = await openQueue(contestant, limit, numbered.ofOneTurn);
  if (runAll === undefined) throw new Error(`${contestant} knows no groups`);
  return async () => {
    numbered.reset();
    const results = await runAll(count);
    return { count, check: () => numbered.checkResults(results, count, limit) };
  };
}
