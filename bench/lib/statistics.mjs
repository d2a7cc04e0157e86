// @ts-check

/** @typedef {{ value: number, low: number, high: number }} Estimate a median and its 95 % interval */

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/**
 * The median with a bootstrap interval: the middle 95 % of the medians of samples drawn from the sample.
 *
 * @param {readonly number[]} values
 * @returns {Estimate}
 */
function estimate(values) {
  const random = randomNumbers(1);
  const medians = Array.from({ length: 1_000 }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? NaN)),
  ).toSorted((a, b) => a - b);
  return { value: median(values), low: medians[25] ?? NaN, high: medians[974] ?? NaN };
}

/**
 * Block by block, since neighbours in time shared the same state of the machine.
 *
 * @param {readonly number[]} numerators
 * @param {readonly number[]} denominators
 */
export function ratio(numerators, denominators) {
  return estimate(numerators.map((value, index) => value / (denominators[index] ?? NaN)));
}

/** Seeded, so that the same measurements give the same intervals. @param {number} seed */
export function randomNumbers(seed) {
  let state = seed;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
