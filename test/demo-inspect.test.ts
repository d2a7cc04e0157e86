import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const script = join(__dirname, '../examples/inspect/inspect.mjs');

it('prints the address of a page that is there, and ends by Ctrl-C', async () => {
  const example = spawn(process.execPath, [script], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 120_000,
  });
  const lines: string[] = [];
  const output = createInterface(example.stdout);
  output.on('line', (line) => lines.push(line));
  const [first] = (await once(output, 'line')) as [string];
  const address = /http:\S+$/.exec(first)?.[0] ?? '';
  const page = await fetch(address);
  expect(await page.text()).toContain('<title>Shop jobs</title>');

  const exit = once(example, 'exit');
  example.kill('SIGINT');
  expect(await exit).toEqual([0, null]);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
