// @ts-check

/** @typedef {import('./interleave.mjs').Samples} Samples */
/** @typedef {{ value: number, low?: number, high?: number }} Estimate with its 95 % interval, where there is one */

/** @param {readonly number[]} values */
function medianOf(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** Of all blocks. @param {Samples} samples */
export function median(samples) {
  return medianOf(samples.flat());
}

/**
 * The median of the ratios of neighbours, since blocks of one round shared the state of the machine; with a bootstrap
 * interval: the middle 95 % of the medians of sessions, and of rounds in them, that are drawn from those measured.
 *
 * @param {Samples} numerators
 * @param {Samples} denominators
 * @returns {Estimate}
 */
export function ratio(numerators, denominators) {
  const ratios = numerators.map((rounds, session) =>
    rounds.map((value, round) => value / (denominators[session]?.[round] ?? NaN)),
  );
  const random = randomNumbers(1);
  /** @template T @param {readonly T[]} from @returns {T[]} */
  const draw = (from) =>
    from.map(() => /** @type {T} */ (from[Math.floor(random() * from.length)]));
  const medians = Array.from({ length: 1_000 }, () => median(draw(ratios).map(draw)));
  medians.sort((a, b) => a - b);
  return { value: median(ratios), low: medians[25] ?? NaN, high: medians[974] ?? NaN };
}

/** Seeded (mulberry32), so that the same measurements give the same intervals. @param {number} seed */
export function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
