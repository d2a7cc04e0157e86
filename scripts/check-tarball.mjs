// @ts-check
// What a stranger finds in a tarball: where it comes from, what it may be used for, what has changed, links that lead
// somewhere. Prints how much of it there is.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const { author, repository, bugs } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const site = repository.url.replace(/^git\+(.*)\.git$/, '$1');
const permissive = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']);

/**
 * @param {import('./public-packages.mjs').PublicPackage} pkg
 * @param {string} tarball
 */
export async function checkTarball({ folder }, tarball) {
  const { stdout: listing } = await run('tar', ['-tzf', tarball]);
  const files = listing.trim().split('\n');
  for (const file of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    if (!files.includes(`package/${file}`)) throw new Error(`${file} is not in the tarball`);
  }
  const alien = files.find((file) => /tsbuildinfo|\/test\/|node_modules/.test(file));
  if (alien !== undefined) throw new Error(`${alien} is in the tarball`);

  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const directory = `packages/${basename(folder)}`;
  const wanted = {
    author,
    bugs,
    repository: { ...repository, directory },
    homepage: `${site}/tree/main/${directory}#readme`,
    license: 'Apache-2.0',
    publishConfig: { access: 'public', provenance: true },
  };
  for (const [field, value] of Object.entries(wanted)) {
    if (JSON.stringify(manifest[field]) === JSON.stringify(value)) continue;
    throw new Error(`package.json: "${field}" has to be ${JSON.stringify(value)}`);
  }
  if ((manifest.keywords ?? []).length < 5) throw new Error('package.json: too few "keywords"');

  for (const file of ['README.md', 'CHANGELOG.md']) {
    const { stdout: text } = await run('tar', ['-xzOf', tarball, `package/${file}`]);
    for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (link.startsWith('#')) continue;
      if (!link.startsWith('https://')) throw new Error(`${file}: npm does not resolve ${link}`);
      const [, path] = /\/(?:blob|tree)\/main\/([^#]+)/.exec(link.replace(site, '')) ?? [];
      if (link.startsWith(site) && path !== undefined && !existsSync(join(root, path))) {
        throw new Error(`${file}: there is no ${path}`);
      }
    }
  }
}

/**
 * The runtime dependencies of a package, down to the last, with what they may be used for.
 * @param {string} name
 * @param {string} modules - where it is installed
 * @returns {Promise<Map<string, string>>} name and licence
 */
async function dependenciesOf(name, modules) {
  /** @type {Map<string, string>} */
  const found = new Map();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    const manifest = JSON.parse(await readFile(join(modules, next, 'package.json'), 'utf8'));
    found.set(next, manifest.license);
    waiting.push(...Object.keys(manifest.dependencies ?? {}));
  }
  found.delete(name);
  return found;
}

/** @param {string} folder */
async function sizeOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(async (file) => (await stat(join(file.parentPath, file.name))).size);
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  return { files: files.length, total };
}

/** @param {number} size */
const kilobytes = (size) => `${Math.round(size / 1000)} kB`.padStart(7);

/**
 * @param {Map<string, string>} tarballs - by name
 * @param {string} modules - where they are installed
 */
export async function printSizes(tarballs, modules) {
  for (const [name, tarball] of tarballs) {
    const dependencies = await dependenciesOf(name, modules);
    for (const [dependency, license] of dependencies) {
      if (permissive.has(license)) continue;
      throw new Error(`${name}: ${dependency} is licensed as ${license}`);
    }
    const { files, total } = await sizeOf(join(modules, name));
    const packed = (await stat(tarball)).size;
    const foreign = [...dependencies.keys()].filter((each) => !each.startsWith('@outlive/'));
    console.log(
      `      ${name.padEnd(24)}${kilobytes(packed)} packed, ${kilobytes(total)} in ${files} files, ` +
        `dependencies: ${dependencies.size - foreign.length} of ours, ${foreign.length} of others ${foreign.join()}`,
    );
  }
}
