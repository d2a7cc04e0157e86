// @ts-check
// Proves that what would be published works for those who install it: packs every public package,
// lints the tarballs, installs them into a temporary project and uses them there in every way.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkNest } from './check-nest.mjs';
import { checkTypes, errorsOfOurs } from './check-types.mjs';
import { buildPage } from '../packages/inspector/page/build.mjs';

/** @typedef {{ name: string, folder: string, entries: string[] }} Package */

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules/.bin');
const fixtures = join(root, 'scripts/consumers');
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** The frameworks (and their types) that the adapters are installed with: our aliases of the oldest and newest majors. */
const peerSets = {
  newest: ['express', 'koa', 'fastify', '@types/express', '@types/koa'],
  oldest: ['express4', 'koa2', 'fastify4', '@types/express4', '@types/koa2'],
};

let passed = 0;
let failed = 0;

/**
 * @param {string} title
 * @param {() => Promise<unknown>} body
 */
async function check(title, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok    ${title}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${title}\n${outputOf(error)}`);
  }
}

/**
 * What a failed command printed; the message of its error has what went to stderr.
 * @param {unknown} error
 */
function outputOf(error) {
  const stdout = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
  return `${String(error)}\n${stdout}`.trimEnd();
}

/** @returns {Promise<Package[]>} */
async function findPackages() {
  const packages = [];
  for (const folder of (await readdir(join(root, 'packages'))).toSorted()) {
    const path = join(root, 'packages', folder);
    const text = await readFile(join(path, 'package.json'), 'utf8').catch(() => undefined);
    if (text === undefined || JSON.parse(text).private === true) continue;
    const { name, exports } = JSON.parse(text);
    const entries = Object.keys(exports)
      .filter((key) => !key.endsWith('.json'))
      .map((key) => name + key.slice(1));
    packages.push({ name, folder: path, entries });
  }
  return packages;
}

/** @param {Package} pkg */
async function checkFiles({ folder }) {
  const dist = join(folder, 'dist');
  for (const file of await readdir(dist, { recursive: true })) {
    const source = /^(.+?)\.(?:d\.ts|js)(?:\.map)?$/.exec(file)?.[1];
    if (source === undefined) continue;
    const text = await readFile(join(dist, file), 'utf8');
    await readFile(join(folder, 'src', `${source}.ts`)).catch(() => {
      throw new Error(`dist/${file} is stale: its source is gone (delete dist and build again)`);
    });
    if (file.endsWith('.d.ts') && text.includes('@internal')) {
      throw new Error(`dist/${file} still declares an @internal member`);
    }
  }
}

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
    const output = outputOf(error);
    if (!output.includes('error TS')) throw error;
    const ours = errorsOfOurs(output);
    if (ours !== '') throw new Error(ours, { cause: error });
  }
}

/**
 * @param {string} home
 * @param {string} label
 * @param {Package[]} packages
 * @param {string[]} installed
 */
async function checkConsumers(home, label, packages, installed) {
  await mkdir(home);
  await writeFile(join(home, 'package.json'), '{ "private": true }\n');
  let ready = false;
  await check(`${label}: npm install`, async () => {
    const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock'];
    await run('npm', ['install', ...flags, ...installed], { cwd: home });
    ready = true;
  });
  if (!ready) return;

  await cp(fixtures, home, { recursive: true });
  const entries = packages.flatMap((pkg) => pkg.entries);
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
}

/** @param {string} alias */
function specOf(alias) {
  const spec = manifest.devDependencies[alias];
  return spec.startsWith('npm:') ? spec.slice('npm:'.length) : `${alias}@${spec}`;
}

const packages = await findPackages();
const temporary = await mkdtemp(join(tmpdir(), 'outlive-packages-'));
try {
  await run(join(bin, 'tsc'), ['-b', 'tsconfig.build.json'], { cwd: root });
  await buildPage();
  const workspaces = packages.flatMap(({ name }) => ['-w', name]);
  await run('npm', ['pack', '--pack-destination', temporary, ...workspaces], { cwd: root });
  const tarballs = new Map(
    (await readdir(temporary)).map((file) => [
      file.replace(/-\d+\..*$/, ''),
      join(temporary, file),
    ]),
  );

  for (const pkg of packages) {
    const tarball = tarballs.get(pkg.name.replace('@', '').replace('/', '-')) ?? '';
    await check(`${pkg.name}: files`, () => checkFiles(pkg));
    await check(`${pkg.name}: publint`, () =>
      run(join(bin, 'publint'), ['run', '--strict', tarball]),
    );
    // node16 leaves out the resolution that knows no `exports`, and so no subpaths.
    await check(`${pkg.name}: attw`, () =>
      run(join(bin, 'attw'), ['--profile', 'node16', '--format', 'ascii', tarball]),
    );
  }
  for (const [label, peers] of Object.entries(peerSets)) {
    const specs = [...peers.map(specOf), specOf('@types/node')];
    await checkConsumers(join(temporary, label), label, packages, [...tarballs.values(), ...specs]);
  }
  const everything = { tarballs: [...tarballs.values()], check };
  await checkTypes({ home: join(temporary, 'types'), ...everything });
  await checkNest({ home: join(temporary, 'nest'), ...everything });
} finally {
  await rm(temporary, { recursive: true, force: true });
}

console.log(`check-packages: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
