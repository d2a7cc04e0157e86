// @ts-check
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';

/** @typedef {{ node: string, date: string, machine: string, peers: string, sections: import('./section.mjs').Section[] }} Results */

const folder = new URL('../results/', import.meta.url);

/** @param {string} major */
function fileOf(major) {
  return new URL(`node-${major}.json`, folder);
}

/** @param {string} major @returns {Results | undefined} */
export function load(major) {
  const file = fileOf(major);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Keeps what was measured; goals that were not measured this time keep what they had. @param {Omit<Results, 'node' | 'date'>} fresh */
export async function save({ machine, peers, sections }) {
  const [major = ''] = process.versions.node.split('.');
  const ids = new Set(sections.map(({ id }) => id));
  const kept = load(major)?.sections.filter(({ id }) => !ids.has(id)) ?? [];
  const all = [...kept, ...sections].toSorted((a, b) =>
    a.id.localeCompare(b.id, 'en', { numeric: true }),
  );
  const date = new Date().toISOString().slice(0, 10);
  const results = { node: process.version, date, machine, peers, sections: rounded(all) };
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    fileOf(major),
    await format(JSON.stringify(results), { parser: 'json', printWidth: 100 }),
  );
}

/** More digits than that would only be noise in the diff. @template T @param {T} value @returns {T} */
function rounded(value) {
  return JSON.parse(
    JSON.stringify(value, (_, item) =>
      typeof item === 'number' ? Number(item.toPrecision(3)) : item,
    ),
  );
}
