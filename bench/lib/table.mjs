// @ts-check
/** @typedef {import('./section.mjs').Section} Section */

const head = ['', 'cost', 'ours ÷ it', '95 %', 'goal', ''];

/** A Markdown table, which reads well in a terminal too. @param {Section} section */
export function table({ rows, noise, isVoid }) {
  const cells = [head, head.map(() => '-'), ...rows.map(rowCells)];
  const widths = head.map((_, column) =>
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
  const value = ratio === undefined ? '' : ratio.value.toPrecision(2);
  const interval =
    ratio === undefined ? '' : `${ratio.low.toPrecision(2)}–${ratio.high.toPrecision(2)}`;
  return [name, cost, value, interval, goal, verdict];
}

/** @param {number} noise @param {boolean} isVoid */
function noiseLine(noise, isVoid) {
  const line = `Noise (ours against itself): ${noise.toFixed(3)}`;
  return isVoid ? `${line}. VOID: outside 0.93–1.07, these numbers say nothing.` : line;
}
