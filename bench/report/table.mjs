// @ts-check
import { cost, digits, goalText, isVoid, label, result } from './rows.mjs';

/** @typedef {import('./rows.mjs').Row} Row */

const head = ['Outlive', 'ours', 'theirs', 'ours ÷ theirs (95 %)', 'goal', 'result'];
const isNumber = [false, true, true, false, false, false];

/** In Markdown, which reads well in a terminal of 100 columns too. @param {readonly Row[]} rows */
export function table(rows) {
  const cells = [head, ...rows.map(rowCells)];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const [first = '', ...others] = cells.map((row) =>
    row
      .map((cell, at) =>
        isNumber[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join(' | '),
  );
  const line = widths.map((width, at) => '-'.repeat(width - 1) + (isNumber[at] ? ':' : '-'));
  return [first, line.join(' | '), ...others, ...noiseLines(rows)].join('\n');
}

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
