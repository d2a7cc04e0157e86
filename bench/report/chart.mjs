// @ts-check
// A bar chart as an SVG that follows the reader's light or dark scheme.

/** @typedef {{ name: string, value: number, text: string }} Bar */

const width = 640;
const barHeight = 22;
const gap = 8;
const nameWidth = 110;
const valueWidth = 90;
const headHeight = 44;
const note = 'shorter is better';

const style = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 15px; }
    .note { fill: #59636e; font-size: 12px; }
    .bar { fill: #afb8c1; }
    .ours { fill: #0969da; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .note { fill: #9198a1; }
      .bar { fill: #59636e; }
      .ours { fill: #4493f8; }
    }
  `;

/** @param {string} title @param {readonly Bar[]} bars ours first */
export function chart(title, bars) {
  const longest = Math.max(...bars.map(({ value }) => value));
  const height = headHeight + bars.length * (barHeight + gap) + gap;
  const room = width - nameWidth - valueWidth;
  const drawn = bars.map(({ name, value, text }, index) => {
    const y = headHeight + index * (barHeight + gap);
    const length = Math.max(2, Math.round((value / longest) * room));
    return [
      `  <text x="${nameWidth - 8}" y="${y + 15}" text-anchor="end">${name}</text>`,
      `  <rect class="${index === 0 ? 'ours' : 'bar'}" x="${nameWidth}" y="${y}" width="${length}" height="${barHeight}" rx="3" />`,
      `  <text x="${nameWidth + length + 8}" y="${y + 15}">${text}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}: ${note}">
  <style>${style}</style>
  <text class="title" x="8" y="18">${title}</text>
  <text class="note" x="8" y="36">${note}</text>
${drawn.join('\n')}
</svg>
`;
}
