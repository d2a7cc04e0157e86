// @ts-check
// Takes the pictures of the inspector's page in docs/images: of the example, after a minute under load. Needs Chromium.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const root = join(import.meta.dirname, '../../..');
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** @type {readonly [name: string, options: import('playwright-core').BrowserContextOptions][]} */
const pictures = [
  ['light', { colorScheme: 'light', viewport: { width: 1200, height: 800 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1200, height: 800 } }],
  [
    'phone',
    { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5 },
  ],
];

const example = spawn(process.execPath, [join(root, 'examples/inspect/inspect.mjs')], {
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const [line] = await once(createInterface(example.stdout), 'line');
  const address = /http:\S+/.exec(String(line))?.[0] ?? '';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const pages = await Promise.all(
    pictures.map(async ([name, options]) => {
      const page = await (await browser.newContext(options)).newPage();
      await page.goto(address);
      return { name, page };
    }),
  );
  // The charts begin when a page is opened.
  await pause(75_000);
  for (const { name, page } of pages) {
    await page.screenshot({ path: join(root, `docs/images/inspector-${name}.png`) });
  }
  await browser.close();
} finally {
  example.kill();
}
