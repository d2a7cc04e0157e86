// @ts-check
// What `npm run bench -- --save` keeps, for each version of Node: node-24.json for the page and its pictures,
// node-24.md for readers.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { markdownTable } from './table.mjs';

/** @typedef {import('./rows.mjs').Section} Section */
/** @typedef {{ node: string, date: string, machine: string, versions: string, sections: Section[] }} Results */

const folder = new URL('../results/', import.meta.url);

/** @param {string} major @returns {Results | undefined} */
export function load(major) {
  const file = new URL(`node-${major}.json`, folder);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/**
 * Topics that were not measured this time keep what they had.
 *
 * @param {Pick<Results, 'machine' | 'versions' | 'sections'>} fresh
 * @param {readonly string[]} topics in their order
 */
export async function save({ machine, versions, sections }, topics) {
  const { node } = process.versions;
  const [major = ''] = node.split('.');
  const kept = load(major)?.sections ?? [];
  const all = topics.flatMap(
    (topic) => [...sections, ...kept].find((section) => section.topic === topic) ?? [],
  );
  const date = new Date().toISOString().slice(0, 10);
  const results = { node, date, machine, versions, sections: all };
  mkdirSync(folder, { recursive: true });
  await write(`node-${major}.json`, JSON.stringify(results, rounded), 'json');
  await write(`node-${major}.md`, page(results), 'markdown');
}

/** @param {Results} results */
function page({ node, date, machine, versions, sections }) {
  return [
    `# Node ${node}`,
    `Written by \`npm run bench -- --save\` on ${date}, ${machine}; ${versions}. How to read it and how it was measured:
     [Performance](../../docs/performance.md).`,
    ...sections.flatMap(({ topic, title, rows }) => [
      `## ${topic}`,
      `${title}.`,
      markdownTable(rows),
    ]),
  ].join('\n\n');
}

/** More digits than that would only be noise in the diff. @param {string} _key @param {unknown} value */
function rounded(_key, value) {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}

/** @param {string} name @param {string} text @param {'json' | 'markdown'} parser */
async function write(name, text, parser) {
  writeFileSync(new URL(name, folder), await format(text, { parser, printWidth: 100 }));
}
