// @ts-check
import { cost, digits, goalText, isVoid, label, result } from './rows.mjs';

/** @typedef {import('./rows.mjs').Row} Row */

const head = ['Outlive', 'ours', 'theirs', 'ours ÷ theirs', 'goal', 'result'];
const isNumber = [false, true, true, false, false, false];

export const legend = `\`ours ÷ theirs\`: below 1, Outlive is cheaper. It is the median of the ratios of neighbouring blocks, in
brackets its 95 % interval. Goals are for that, or for \`ours\` where there is nothing beside it.`;

/** In Markdown, which reads well in a terminal of 100 columns too. @param {readonly Row[]} rows */
export function table(rows) {
  const cells = [head, ...rows.map(rowCells)];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const [first = '', ...others] = cells.map((row) =>
    line(
      row.map((cell, at) =>
        isNumber[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      ),
    ),
  );
  const rule = widths.map((width, at) => '-'.repeat(width - 1) + (isNumber[at] ? ':' : '-'));
  return [first, line(rule), ...others, ...noiseLines(rows)].join('\n');
}

/** @param {readonly string[]} cells */
const line = (cells) => `| ${cells.join(' | ')} |`;

/** @param {Row} row */
function rowCells(row) {
  const { unit, ours, theirs, ratio } = row;
  const others = theirs === undefined ? '' : cost(theirs, unit);
  const share = ratio === undefined ? '' : shareText(ratio);
  return [label(row), cost(ours, unit), others, share, goalText(row), result(row)];
}

/** @param {import('../measure/statistics.mjs').Estimate} ratio */
function shareText({ value, low, high }) {
  const interval =
    low === undefined || high === undefined ? '' : ` (${digits(low)}–${digits(high)})`;
  return digits(value) + interval;
}

/** @param {readonly Row[]} rows */
function noiseLines(rows) {
  const noises = [...new Set(rows.flatMap(({ noise }) => noise ?? []))];
  if (noises.length === 0) return [];
  const hint = noises.some(isVoid) ? ' What is outside of 0.93–1.07 is void: it says nothing.' : '';
  return ['', `Outlive against itself: ${noises.map(digits).join(', ')}.${hint}`];
}
