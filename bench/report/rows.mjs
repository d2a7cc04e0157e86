// @ts-check
/** @typedef {'ns' | 'bytes' | 'count' | '%'} Unit */
/**
 * A line of a table: a cost of ours, or ours beside somebody else's.
 * @typedef {object} Row
 * @property {string} [what]
 * @property {string} [peer]
 * @property {Unit} unit
 * @property {number} ours
 * @property {number} [theirs]
 * @property {import('../measure/statistics.mjs').Estimate} [ratio] ours divided by theirs
 * @property {number} [goal] what the ratio may be at most, or the cost where there is no ratio
 * @property {number} [noise] what ours scored against itself
 */
/** @typedef {{ topic: string, title: string, rows: Row[] }} Section */

/** @param {number} noise */
export const isVoid = (noise) => !(noise >= 0.93 && noise <= 1.07);

/** @param {Row} row */
export function label({ what, peer }) {
  const parts = [what, peer && `vs ${peer}`];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** @param {Row} row */
export function goalText({ goal, ratio, unit }) {
  if (goal === undefined) return '';
  return `≤ ${ratio === undefined ? cost(goal, unit) : goal}`;
}

/** @param {Row} row @returns {'' | 'pass' | 'void' | `${string} over`} */
export function result({ goal, ratio, ours, noise = 1 }) {
  if (goal === undefined) return '';
  if (isVoid(noise)) return 'void';
  const value = ratio?.value ?? ours;
  if (value <= goal) return 'pass';
  return goal === 0 ? `${value} over` : `${Math.ceil((value / goal - 1) * 100)} % over`;
}

/** @param {number} value @param {Unit} unit */
export function cost(value, unit) {
  if (unit === 'ns')
    return value < 1_000 ? `${value.toFixed(0)} ns` : `${digits(value / 1_000)} µs`;
  const maximumFractionDigits = value < 10 ? 1 : 0;
  const number = value.toLocaleString('en', { maximumFractionDigits });
  return { bytes: `${number} B`, count: number, '%': `${number} %` }[unit];
}

/** @param {number} value */
export function digits(value) {
  if (value < 0.1) return value.toFixed(3);
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.max(0, Math.log10(value)))));
}
