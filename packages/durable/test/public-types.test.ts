import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = join(__dirname, '..');
const {
  exports: entries,
}: { exports: Record<string, { types: string }> } = require('../package.json');

/** The packages that a published declaration file leads to, by way of our own files. */
function packagesBehind(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*.*?\*\//gs, '');
  const specifiers = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
    ([, name = '']) => name,
  );
  return specifiers.flatMap((name) =>
    name.startsWith('.')
      ? packagesBehind(resolve(file, '..', name.replace(/\.ts$/, '.d.ts')), seen)
      : [name],
  );
}

describe('the types of a public entry', () => {
  it.each(['.', './conformance'])(
    'need no engine, and nothing of the core but what is public: %s',
    (entry) => {
      const packages = packagesBehind(join(root, entries[entry]?.types ?? ''));
      expect(new Set(packages)).toEqual(new Set(entry === '.' ? ['@outlive/core'] : []));
    },
  );
});
