// @ts-check
// Bundles an app of the packed packages into one file, with each of the usual bundlers, and runs it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { engines } from './check-managers.mjs';

const run = promisify(execFile);
const esbuild = fileURLToPath(new URL('../node_modules/.bin/esbuild', import.meta.url));

/** What has to be installed beside the packages. */
export const bundlers = [
  'rollup@4.68.8',
  '@rollup/plugin-commonjs@29.0.3',
  '@rollup/plugin-json@6.1.0',
  '@rollup/plugin-node-resolve@16.0.3',
  'webpack@5.113.0',
  'webpack-cli@7.3.1',
];

/**
 * @param {object} project
 * @param {string} project.home - has the packages, their frameworks and the bundlers, and a copy of `consumers`
 * @param {(title: string, body: () => Promise<unknown>) => Promise<void>} project.check
 */
export async function checkBundlers({ home, check }) {
  const cwd = join(home, 'bundle');
  const bin = join(home, 'node_modules/.bin');
  /** @type {[string, string, string[], string][]} */
  const all = [
    [
      'esbuild',
      esbuild,
      [
        'main.mjs',
        '--bundle',
        '--platform=node',
        '--format=esm',
        '--outfile=esbuild/main.mjs',
        // What CommonJS needs in an ES module: https://github.com/evanw/esbuild/issues/1921
        "--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
        // They are optional: a bundle leaves to Node which of them is there.
        ...engines.map((name) => `--external:${name}`),
      ],
      'esbuild/main.mjs',
    ],
    ['rollup', join(bin, 'rollup'), ['-c', '--silent'], 'rollup/main.mjs'],
    ['webpack', join(bin, 'webpack'), ['--stats', 'errors-only'], 'webpack/main.cjs'],
  ];
  for (const [name, command, args, output] of all) {
    await check(`bundled by ${name}`, async () => {
      await run(command, args, { cwd });
      await run(process.execPath, [output], { cwd, timeout: 600_000 });
    });
  }
}
