// @ts-check
import { randomNumbers } from './statistics.mjs';

/** @typedef {import('./interleave.mjs').Block} Block */

/**
 * Measures how long it takes until every one of `count` promises has been rejected, from the call that
 * is to do it on.
 *
 * @param {readonly PromiseLike<unknown>[]} promises
 * @param {() => void} act
 * @returns {Promise<Awaited<ReturnType<Block>>>}
 */
export async function untilRejected(promises, act) {
  let rejected = 0;
  let fulfilled = 0;
  const settled = new Promise((resolve) => {
    const count = () => {
      if (rejected + fulfilled === promises.length) resolve(undefined);
    };
    for (const promise of promises) {
      promise.then(
        () => {
          fulfilled += 1;
          count();
        },
        () => {
          rejected += 1;
          count();
        },
      );
    }
  });
  const start = process.cpuUsage();
  act();
  await settled;
  const { user, system } = process.cpuUsage(start);
  const count = promises.length;
  return {
    count,
    cost: ((user + system) * 1_000) / count,
    check() {
      if (fulfilled > 0) throw new Error(`${fulfilled} of ${count} were not cancelled`);
    },
  };
}

/** @template T @param {readonly T[]} items @returns {T[]} */
export function shuffled(items) {
  const random = randomNumbers(items.length);
  return items
    .map((item) => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
