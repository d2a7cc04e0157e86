// @ts-check
/** @typedef {'ns' | 'bytes' | 'count' | '%'} Unit */
/**
 * One line of a table: a cost of ours, or ours beside somebody else's.
 * @typedef {object} Row
 * @property {string} [what]
 * @property {string} [peer]
 * @property {Unit} unit
 * @property {number} [ours]
 * @property {number} [theirs]
 * @property {import('../measure/statistics.mjs').Estimate} [ratio] ours divided by theirs
 * @property {number} [goal] what the ratio may be at most, or the cost where there is no ratio
 * @property {number} [noise] what ours scored against itself
 */
/** @typedef {{ topic: string, title: string, rows: Row[] }} Section */

/** Outside of it a comparison says nothing. */
export const noiseAllowed = { low: 0.93, high: 1.07 };

/** @param {Row} row */
export function label({ what, peer }) {
  return [what, peer === undefined ? undefined : `vs ${peer}`]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** What the goal is about. @param {Row} row */
export function measured({ ratio, ours = NaN, unit }) {
  return ratio === undefined ? cost(ours, unit) : digits(ratio.value);
}

/** @param {Row} row */
export function goalText({ goal, ratio, unit }) {
  if (goal === undefined) return '';
  return `≤ ${ratio === undefined ? cost(goal, unit) : goal}`;
}

/** @param {Row} row @returns {'' | 'pass' | 'void' | `missed by ${string}`} */
export function result({ goal, ratio, ours = NaN, noise = 1 }) {
  if (goal === undefined) return '';
  if (isVoid(noise)) return 'void';
  const value = ratio?.value ?? ours;
  if (value <= goal) return 'pass';
  return `missed by ${goal === 0 ? digits(value) : `${Math.ceil((value / goal - 1) * 100)} %`}`;
}

/** @param {number} noise */
export function isVoid(noise) {
  return !(noise >= noiseAllowed.low && noise <= noiseAllowed.high);
}

/** @param {number} value @param {Unit} unit */
export function cost(value, unit) {
  if (unit === '%') return `${value.toFixed(0)} %`;
  if (unit === 'bytes') return `${short(value)} B`;
  if (unit === 'count') return short(value);
  return value < 1_000 ? `${value.toFixed(0)} ns` : `${digits(value / 1_000)} µs`;
}

/** @param {number} value */
function short(value) {
  const rounded = value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
  return rounded.toLocaleString('en');
}

/** @param {number} value */
export function digits(value) {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value < 10 ? 2 : 1);
}
