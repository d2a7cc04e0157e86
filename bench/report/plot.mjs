// @ts-check
// Lines over a logarithmic axis, as an SVG that follows the reader's light or dark scheme.
import { escaped, style } from './chart.mjs';

/** @typedef {{ x: number, y: number, label: string }} Point */
/** @typedef {{ name: string, points: readonly Point[] }} Line */

const width = 640;
const height = 260;
const left = 70;
const right = 110;
const top = 52;
const bottom = 32;
// Told apart on a light page and on a dark one.
const colours = ['#1f83e8', '#d1741b'];

/**
 * @param {string} title
 * @param {string} note
 * @param {readonly Line[]} lines the same places on the axis for each
 */
export function plot(title, note, lines) {
  const points = lines.flatMap((line) => line.points);
  const highest = Math.max(...points.map(({ y }) => y));
  const logs = points.map(({ x }) => Math.log10(x));
  const first = Math.min(...logs);
  const last = Math.max(...logs);
  /** @param {number} x */
  const across = (x) =>
    Math.round(left + ((Math.log10(x) - first) / (last - first)) * (width - left - right));
  /** @param {number} y */
  const down = (y) => Math.round(height - bottom - (y / highest) * (height - top - bottom));
  const drawn = lines.flatMap(({ name, points: own }, index) => {
    const colour = colours[index % colours.length];
    const path = own.map(({ x, y }) => `${across(x)},${down(y)}`).join(' ');
    const end = own.at(-1) ?? { x: 1, y: 0, label: '' };
    return [
      `  <polyline class="line" stroke="${colour}" points="${path}" />`,
      `  <text x="${across(end.x) + 8}" y="${down(end.y) + 4}">${escaped(`${name}: ${end.label}`)}</text>`,
    ];
  });
  const ticks = (lines[0]?.points ?? []).map(
    ({ x }) =>
      `  <text class="note" x="${across(x)}" y="${height - 10}" text-anchor="middle">${x.toLocaleString('en')}</text>`,
  );
  const highestPoint = points.find(({ y }) => y === highest);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`${title}. ${note}`)}">
  <style>${style}</style>
  <text class="title" x="8" y="18">${escaped(title)}</text>
  <text class="note" x="8" y="36">${escaped(note)}</text>
  <line class="axis" x1="${left}" y1="${down(0)}" x2="${width - right}" y2="${down(0)}" />
  <text class="note" x="${left - 8}" y="${down(highest) + 4}" text-anchor="end">${escaped(highestPoint?.label ?? '')}</text>
  <text class="note" x="${left - 8}" y="${down(0) + 4}" text-anchor="end">0</text>
${[...ticks, ...drawn].join('\n')}
</svg>
`;
}
