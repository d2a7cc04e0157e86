// @ts-check
import { cost, digits, goalText, label, noiseAllowed, result } from './rows.mjs';

/** @typedef {import('./rows.mjs').Row} Row */

const head = ['Outlive', 'ours', 'theirs', 'ours ÷ theirs', 'goal', 'result'];

/** For a terminal of 100 columns. @param {readonly Row[]} rows */
export function plainTable(rows) {
  const cells = [head, ...rows.map(rowCells)];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column > 0 && column < 3 ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...noiseLines(rows)].join('\n');
}

/** The same in Markdown. @param {readonly Row[]} rows */
export function markdownTable(rows) {
  const lines = [head, ['---', '--:', '--:', '---', '---', '---'], ...rows.map(rowCells)];
  return [...lines.map((row) => `| ${row.join(' | ')} |`), '', ...noiseLines(rows)].join('\n');
}

/** @param {Row} row */
function rowCells(row) {
  const { unit, ours, theirs, ratio } = row;
  return [
    label(row),
    ours === undefined ? '' : cost(ours, unit),
    theirs === undefined ? '' : cost(theirs, unit),
    ratio === undefined ? '' : ratioText(ratio),
    goalText(row),
    result(row),
  ];
}

/** @param {import('../measure/statistics.mjs').Estimate} ratio */
function ratioText({ value, low, high }) {
  if (low === undefined || high === undefined) return digits(value);
  return `${digits(value)} (${digits(low)}–${digits(high)})`;
}

/** @param {readonly Row[]} rows */
function noiseLines(rows) {
  const noises = [...new Set(rows.flatMap(({ noise }) => noise ?? []))].map(digits);
  if (noises.length === 0) return [];
  const { low, high } = noiseAllowed;
  return [`Outlive against itself: ${noises.join(', ')} (void outside ${low}–${high}).`];
}
