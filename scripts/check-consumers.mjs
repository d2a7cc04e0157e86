// @ts-check
// A project that has installed the packed packages: an ES module, a CommonJS module, a Jest project without
// configuration, and TypeScript with each way of finding modules.
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { errorsOfOurs } from './check-types.mjs';

const run = promisify(execFile);
const bin = fileURLToPath(new URL('../node_modules/.bin', import.meta.url));
const fixtures = fileURLToPath(new URL('consumers', import.meta.url));

/**
 * @param {string} folder
 * @param {string} moduleResolution
 */
async function checkEntries(folder, moduleResolution) {
  const options = {
    module: moduleResolution === 'bundler' ? 'esnext' : moduleResolution,
    moduleResolution,
    target: 'es2022',
    lib: ['es2022'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
  };
  const file = `tsconfig.${moduleResolution}.json`;
  const include = moduleResolution === 'bundler' ? ['*.mts'] : ['*.mts', '*.cts'];
  await writeFile(join(folder, file), JSON.stringify({ compilerOptions: options, include }));
  try {
    await run(join(bin, 'tsc'), ['-p', file, '--pretty', 'false'], { cwd: folder });
  } catch (error) {
    const output = String(/** @type {{ stdout?: string }} */ (error).stdout);
    if (!output.includes('error TS')) throw error;
    const ours = errorsOfOurs(output);
    if (ours !== '') throw new Error(ours, { cause: error });
  }
}

/**
 * @param {object} project
 * @param {string} project.home - a folder to make
 * @param {string} project.label
 * @param {string[]} project.installed - the packages, and what they are used with
 * @param {string[]} project.entries - what can be imported
 * @param {(title: string, body: () => Promise<unknown>) => Promise<void>} project.check
 * @returns {Promise<boolean>} whether it was installed
 */
export async function checkConsumers({ home, label, installed, entries, check }) {
  await mkdir(home);
  await writeFile(join(home, 'package.json'), '{ "private": true }\n');
  let ready = false;
  await check(`${label}: npm install`, async () => {
    const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock'];
    await run('npm', ['install', '--ignore-scripts', ...flags, ...installed], { cwd: home });
    ready = true;
  });
  if (!ready) return false;

  await cp(fixtures, home, { recursive: true });
  await writeFile(join(home, 'entries.json'), JSON.stringify(entries));
  const types = entries.map((entry, index) => `import * as entry${index} from '${entry}';`);
  types.push(
    `export const all: object[] = [${entries.map((_, index) => `entry${index}`).join()}];`,
  );
  types.push(`import { Scheduler } from '@outlive/core';`, `export const one = new Scheduler();`);
  await mkdir(join(home, 'entries'));
  for (const file of ['consumer.mts', 'consumer.cts']) {
    await writeFile(join(home, 'entries', file), types.join('\n'));
  }

  await check(`${label}: ES module`, () => run('node', ['main.js'], { cwd: join(home, 'esm') }));
  await check(`${label}: CommonJS`, () => run('node', ['main.js'], { cwd: join(home, 'cjs') }));
  await check(`${label}: Jest`, () => run(join(bin, 'jest'), [], { cwd: join(home, 'jest') }));
  await check(`${label}: Jest --detectOpenHandles`, async () => {
    const { stderr } = await run(join(bin, 'jest'), ['--detectOpenHandles', 'open-handles'], {
      cwd: join(home, 'jest'),
    });
    if (stderr.includes('open handle')) throw new Error(stderr);
  });
  for (const resolution of ['node16', 'nodenext', 'bundler']) {
    await check(`${label}: TypeScript ${resolution}`, () =>
      checkEntries(join(home, 'entries'), resolution),
    );
  }
  return true;
}
