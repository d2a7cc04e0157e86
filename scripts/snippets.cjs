// @ts-check
// The code blocks of the documentation, and of every `@example`: test/docs.test.ts runs them, check-types.mjs
// compiles them with every TypeScript that we support. CommonJS, so that Jest and Node can both load it.
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * @typedef {object} Snippet
 * @property {string} place - where it stands, as an editor opens it
 * @property {string} file - a name for it, unique
 * @property {string} kind - what stands behind the language: how it is to be run
 * @property {string} code
 */

const root = join(__dirname, '..');
const documents =
  /^(README\.md|docs\/(?!node_modules|reference|\.vitepress).+\.md|packages\/[^/]+\/(README\.md|src\/.+\.ts))$/;
const fence = /^ *```(ts|js|mjs)\b *(.*)\n([^]*?)^ *```/gm;

/**
 * @param {string} path
 * @returns {Snippet[]}
 */
function snippetsOf(path) {
  let text = readFileSync(join(root, path), 'utf8');
  if (path.endsWith('.ts')) text = text.replaceAll(/^ *\* ?/gm, '');
  return [...text.matchAll(fence)].map(({ index, 1: language, 2: kind = '', 3: code = '' }) => {
    const line = text.slice(0, index).split('\n').length;
    const name = `${path.replaceAll(/\W/g, '-')}-${line}${kind === 'jest' ? '.test' : ''}`;
    return { place: `${path}:${line}`, file: `${name}.${language}`, kind, code };
  });
}

/** @param {string} directory */
function inside(directory) {
  return readdirSync(join(root, directory), { recursive: true }).map((name) =>
    join(directory, String(name)),
  );
}

/** @returns {Snippet[]} */
function findSnippets() {
  return ['README.md', ...inside('docs'), ...inside('packages')]
    .filter((path) => documents.test(path))
    .flatMap(snippetsOf);
}

module.exports = { findSnippets };
