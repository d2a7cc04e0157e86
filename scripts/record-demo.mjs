// @ts-check
// Writes docs/images/demo.svg, the picture of the README: npm run build && node scripts/record-demo.mjs
// It runs the demo and draws what it prints, as a terminal would show it.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const demo = fileURLToPath(new URL('../examples/demo/demo.mjs', import.meta.url));
const picture = fileURLToPath(new URL('../docs/images/demo.svg', import.meta.url));
const output = execFileSync(process.execPath, [demo], { encoding: 'utf8' });
const lines = ['$ npm run demo', ...output.trimEnd().split('\n')];

/** In pixels: of a character, of a line, around the text, of the bar above it. */
const size = { character: 8.43, line: 19, margin: 20, bar: 32 };
const width = Math.ceil(80 * size.character + 2 * size.margin);
const height = size.bar + lines.length * size.line + 2 * size.margin;

/** What stands out in the table, and by which colour. */
const colours = /** @type {[RegExp, string][]} */ ([
  [/\bLOST\b|\bNO ANSWER\b|Without: .*|exit code [1-9]\d*\.$/g, '#ff9492'],
  [/\bWITH OUTLIVE\b|With Outlive: nothing.*/g, '#72f088'],
  [/^\$ .*/g, '#91cbff'],
]);

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** @param {string} line */
function coloured(line) {
  const spans = colours
    .flatMap(([pattern, fill]) =>
      [...line.matchAll(pattern)].map(({ 0: text, index }) => ({ text, index, fill })),
    )
    .toSorted((a, b) => a.index - b.index);
  let drawn = '';
  let end = 0;
  for (const { text, index, fill } of spans) {
    if (index < end) continue;
    drawn += `${escape(line.slice(end, index))}<tspan fill="${fill}">${escape(text)}</tspan>`;
    end = index + text.length;
  }
  return drawn + escape(line.slice(end));
}

const rows = lines.map((line, index) => {
  const y = size.bar + size.margin + (index + 0.75) * size.line;
  return `<text x="${size.margin}" y="${y}">${coloured(line)}</text>`;
});
const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
  (fill, index) => `<circle cx="${20 + index * 20}" cy="16" r="6" fill="${fill}"/>`,
);
writeFileSync(
  picture,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>The demo: a shop is told to stop in the middle of its orders, with Outlive and without</title>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${dots.join('\n')}
<g fill="#e6edf3" font-family="ui-monospace, Menlo, 'DejaVu Sans Mono', monospace" font-size="14" style="white-space: pre">
${rows.join('\n')}
</g>
</svg>
`,
);
