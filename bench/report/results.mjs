// @ts-check
// What `npm run bench -- --save` keeps: results/node-24.md and so on, which the page and its pictures are made from.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { legend, table } from './table.mjs';

const folder = new URL('../results/', import.meta.url);

/** The text of each topic. @param {string} major @returns {Map<string, string>} */
function load(major) {
  const file = new URL(`node-${major}.md`, folder);
  const [, ...parts] = existsSync(file) ? readFileSync(file, 'utf8').split(/^## /m) : [];
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part]));
}

/** The cells of each line of a topic's table. @param {string} major @param {string} topic */
export function linesOf(major, topic) {
  const lines =
    load(major)
      .get(topic)
      ?.match(/^\|.*\|$/gm) ?? [];
  return lines.slice(2).map((line) => {
    const [what = '', ours = '', theirs = '', ratio = '', goal = '', result = ''] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    return { what, ours, theirs, ratio, goal, result };
  });
}

/** Topics that were not measured this time keep what they had. @param {string} machine @param {readonly import('./rows.mjs').Section[]} sections @param {readonly string[]} topics in their order */
export async function save(machine, sections, topics) {
  const [major = ''] = process.versions.node.split('.');
  const known = load(major);
  for (const { topic, title, rows } of sections) {
    known.set(topic, `${topic}\n\n${title}.\n\n${table(rows)}\n\n`);
  }
  const text = [
    `# Node ${process.versions.node}\n\nWritten by \`npm run bench -- --save\`: ${machine}. How it was measured:`,
    ` [Performance](../../docs/performance.md).\n\n${legend}\n\n`,
    ...topics.flatMap((topic) => known.get(topic) ?? []).map((part) => `## ${part}`),
  ];
  mkdirSync(folder, { recursive: true });
  const pretty = await format(text.join(''), { parser: 'markdown' });
  writeFileSync(new URL(`node-${major}.md`, folder), pretty);
}
