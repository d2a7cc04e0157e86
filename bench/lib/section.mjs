// @ts-check
import { median, ratio } from './statistics.mjs';

/** @typedef {import('./statistics.mjs').Estimate} Estimate */
/** @typedef {'pass' | 'FALLS SHORT' | 'void' | ''} Verdict */
/**
 * @typedef {object} Row
 * @property {string} name
 * @property {string} cost
 * @property {Estimate} [ratio] ours divided by this one's
 * @property {number} [apart] the same, each in a process of its own
 * @property {string} [goal]
 * @property {Verdict} verdict
 */
/**
 * What one goal's table is made of.
 * @typedef {object} Section
 * @property {string} id
 * @property {string} title
 * @property {Row[]} rows
 * @property {Estimate} [noise]
 * @property {boolean} [isVoid]
 */

export const ours = 'outlive';

/** @param {string} name @param {string} cost @returns {Row} */
function plainRow(name, cost) {
  return { name, cost, verdict: '' };
}

/** @param {number} value @param {number} goal @returns {Verdict} */
function verdict(value, goal) {
  return value <= goal ? 'pass' : 'FALLS SHORT';
}

/**
 * The first contestant against each other one.
 *
 * @param {import('./compare.mjs').Comparison} comparison
 * @param {Record<string, number>} goals what the ratio may be at most
 * @param {(cost: number) => string} [format]
 * @returns {Pick<Section, 'rows' | 'noise' | 'isVoid'>}
 */
export function ratioRows({ samples, apart, noise, isVoid }, goals, format = time) {
  const [mine = ours] = Object.keys(samples);
  const rows = Object.entries(samples)
    .filter(([name]) => name !== 'again')
    .map(([name, costs]) => {
      const cost = format(median(apart?.[name] ?? costs));
      if (name === mine) return plainRow(name, cost);
      const measured = ratioRow(name, cost, ratio(samples[mine] ?? [], costs), goals[name]);
      const row = isVoid ? voided(measured) : measured;
      if (apart === undefined) return row;
      return { ...row, apart: ratio(apart[mine] ?? [], apart[name] ?? []).value };
    });
  return { rows, noise, isVoid };
}

/** What is too noisy passes nothing. @param {Row} row @returns {Row} */
export function voided(row) {
  return row.verdict === '' ? row : { ...row, verdict: 'void' };
}

/**
 * @param {string} name
 * @param {string} cost
 * @param {Estimate} estimate
 * @param {number | undefined} goal
 * @returns {Row}
 */
export function ratioRow(name, cost, estimate, goal) {
  if (goal === undefined) return { name, cost, ratio: estimate, verdict: '' };
  return {
    name,
    cost,
    ratio: estimate,
    goal: `≤ ${goal}`,
    verdict: verdict(estimate.value, goal),
  };
}

/**
 * @param {string} name
 * @param {number} value
 * @param {(value: number) => string} format
 * @param {number} [goal]
 * @returns {Row}
 */
export function costRow(name, value, format, goal) {
  if (goal === undefined) return { name, cost: format(value), verdict: '' };
  return {
    name,
    cost: format(value),
    goal: `≤ ${format(goal)}`,
    verdict: verdict(value, goal),
  };
}

/** @param {number} nanoseconds */
export function time(nanoseconds) {
  if (nanoseconds < 1_000) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds < 100_000) return `${(nanoseconds / 1_000).toFixed(2)} µs`;
  return `${(nanoseconds / 1_000).toFixed(0)} µs`;
}

/** @param {number} value */
export const bytes = (value) => `${value.toFixed(value < 10 ? 1 : 0)} B`;

/** @param {number} value */
export const instructions = (value) =>
  `${(Math.round(value / 10) * 10).toLocaleString('en')} instr.`;

/** @param {number} value */
export const count = (value) => String(Math.round(value * 100) / 100);
