import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** How long a browser may take to start, in ms. */
export const browserTimeout = 120_000;

/** What Debian, other systems and Google call it. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const executablePath = names
  .map((name) => spawnSync('which', [name]).stdout?.toString().trim())
  .find((path) => path !== undefined && path !== '');

/** Tests in a real browser. npm has none: where it is not installed they are left out, aloud. */
export function describeBrowser(
  title: string,
  body: (launch: () => Promise<Browser>) => void,
): void {
  if (executablePath !== undefined) {
    // As root, which it is in a container, it has no sandbox.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    // A busy machine takes its time to start one.
    const launch = (): Promise<Browser> =>
      chromium.launch({ executablePath, args, timeout: browserTimeout });
    describe(title, () => body(launch));
    return;
  }
  console.warn(`NOT RUN, there is no Chromium: ${title}\nInstall it: apt-get install chromium`);
  describe.skip(title, () => body(() => Promise.reject(new Error('there is no Chromium'))));
}
