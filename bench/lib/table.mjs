// @ts-check
/** @typedef {import('./section.mjs').Section} Section */

const head = ['', 'cost', 'ours ÷ it', '95 %', 'goal', ''];
const apartHead = 'apart';

/** A Markdown table, which reads well in a terminal too. @param {Section} section */
export function table({ rows, noise, isVoid }) {
  const hasApart = rows.some(({ apart }) => apart !== undefined);
  const columns = hasApart ? [...head, apartHead] : head;
  const cells = [
    columns,
    columns.map(() => '-'),
    ...rows.map((row) => (hasApart ? [...rowCells(row), digits(row.apart)] : rowCells(row))),
  ];
  const widths = columns.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0), 3),
  );
  const lines = cells.map((row, index) => {
    const padded = row.map((cell, column) =>
      index === 1 ? '-'.repeat(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    return `| ${padded.join(' | ')} |`;
  });
  if (noise !== undefined) lines.push('', noiseLine(noise.value, isVoid === true));
  return lines.join('\n');
}

/** @param {import('./section.mjs').Row} row */
function rowCells({ name, cost, ratio, goal = '', verdict }) {
  const interval = ratio === undefined ? '' : `${digits(ratio.low)}–${digits(ratio.high)}`;
  return [name, cost, digits(ratio?.value), interval, goal, verdict];
}

/** @param {number | undefined} value */
function digits(value) {
  if (value === undefined) return '';
  return value < 0.1 ? value.toPrecision(2) : value.toPrecision(3);
}

/** @param {number} noise @param {boolean} isVoid */
function noiseLine(noise, isVoid) {
  const line = `Noise (ours against itself): ${noise.toFixed(3)}`;
  return isVoid ? `${line}. Outside 0.93–1.07: what is void says nothing.` : line;
}
