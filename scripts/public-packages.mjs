// @ts-check
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} PublicPackage
 * @property {string} name
 * @property {string} folder - absolute
 * @property {string} version
 * @property {Record<string, { types?: string }>} exports - by key: `.`, `./internal`, …
 * @property {Record<string, string>} dependencies
 */

const packages = fileURLToPath(new URL('../packages', import.meta.url));

/**
 * The packages that are published, in the order of their names.
 * @returns {Promise<PublicPackage[]>}
 */
export async function publicPackages() {
  const found = [];
  for (const entry of (await readdir(packages)).toSorted()) {
    const folder = join(packages, entry);
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}');
    const { name, private: isPrivate, version, exports, dependencies = {} } = JSON.parse(text);
    if (name === undefined || isPrivate === true) continue;
    found.push({ name, folder, version, exports, dependencies });
  }
  return found;
}
