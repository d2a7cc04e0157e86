import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');

/** The codes of errors and of process warnings in the sources of all packages. */
function codes(): string[] {
  const files = readdirSync(join(root, 'packages'), { recursive: true })
    .map(String)
    .filter((file) => /^[^/]+\/src\/.+\.ts$/.test(file));
  const found = new Set<string>();
  for (const file of files) {
    const text = readFileSync(join(root, 'packages', file), 'utf8');
    for (const [, code = ''] of text.matchAll(/\bcode(?::| =) '((?:ERR|OUTLIVE)_[A-Z_]+)'/g))
      found.add(code);
  }
  return [...found].toSorted();
}

describe('docs/errors.md', () => {
  it.each(codes())('says what %s means and what to do', (code) => {
    expect(page).toContain(code);
  });

  it('has no code that is gone', () => {
    const listed = [...page.matchAll(/^### (ERR_[A-Z_]+)$/gm)].map(([, code]) => code);
    expect(listed.filter((code) => !codes().includes(code ?? ''))).toEqual([]);
  });
});
