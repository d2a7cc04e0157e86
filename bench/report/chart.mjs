// @ts-check
// A bar chart as an SVG that follows the reader's light or dark scheme.

/** @typedef {{ name: string, value: number, ours?: boolean }} Bar */

const width = 640;
const barHeight = 22;
const gap = 8;
const nameWidth = 110;
const valueWidth = 90;
const headHeight = 44;

export const style = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 15px; }
    .note { fill: #59636e; font-size: 12px; }
    .bar { fill: #afb8c1; }
    .ours { fill: #0969da; }
    .line { fill: none; stroke-width: 2; }
    .axis { stroke: #afb8c1; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .note { fill: #9198a1; }
      .bar { fill: #59636e; }
      .ours { fill: #4493f8; }
      .axis { stroke: #59636e; }
    }
  `;

/**
 * @param {string} title
 * @param {string} note
 * @param {readonly Bar[]} bars shorter is better
 * @param {(value: number) => string} format
 */
export function chart(title, note, bars, format) {
  const longest = Math.max(...bars.map(({ value }) => value));
  const height = headHeight + bars.length * (barHeight + gap) + gap;
  const room = width - nameWidth - valueWidth;
  const drawn = bars.map(({ name, value, ours }, index) => {
    const y = headHeight + index * (barHeight + gap);
    const length = Math.max(2, Math.round((value / longest) * room));
    return [
      `  <text x="${nameWidth - 8}" y="${y + 15}" text-anchor="end">${escaped(name)}</text>`,
      `  <rect class="${ours === true ? 'ours' : 'bar'}" x="${nameWidth}" y="${y}" width="${length}" height="${barHeight}" rx="3" />`,
      `  <text x="${nameWidth + length + 8}" y="${y + 15}">${escaped(format(value))}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`${title}. ${note}`)}">
  <style>${style}</style>
  <text class="title" x="8" y="18">${escaped(title)}</text>
  <text class="note" x="8" y="36">${escaped(note)}</text>
${drawn.join('\n')}
</svg>
`;
}

/** @param {string} text */
export function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
