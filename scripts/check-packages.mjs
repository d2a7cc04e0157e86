// @ts-check
// Proves that what would be published works for those who install it: packs every public package,
// lints the tarballs, installs them into a temporary project and uses them there in every way.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundlers, checkBundlers } from './check-bundlers.mjs';
import { checkConsumers } from './check-consumers.mjs';
import { checkExamples, examplePeers } from './check-examples.mjs';
import { checkManagers, engines } from './check-managers.mjs';
import { checkNest } from './check-nest.mjs';
import { checkTarball, printSizes } from './check-tarball.mjs';
import { checkTypes } from './check-types.mjs';
import { publicPackages } from './public-packages.mjs';
import { findSnippets } from './snippets.cjs';
import { buildPage } from '../packages/inspector/page/build.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'node_modules/.bin');
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** The frameworks (and their types) that the adapters are installed with: our aliases of the oldest and newest majors. */
const peerSets = {
  newest: ['express', 'koa', 'fastify', '@types/express', '@types/koa'],
  oldest: ['express4', 'koa2', 'fastify4', '@types/express4', '@types/koa2'],
};

let passed = 0;
/** @type {string[]} */
const failures = [];

/**
 * @param {string} title
 * @param {() => Promise<unknown>} body
 */
async function check(title, body) {
  const start = performance.now();
  const took = () => `(${((performance.now() - start) / 1_000).toFixed(1)} s)`;
  try {
    await body();
    passed += 1;
    console.log(`ok    ${title} ${took()}`);
  } catch (error) {
    const failure = `FAIL  ${title} ${took()}\n${outputOf(error)}`;
    failures.push(failure);
    console.log(failure);
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

/** @param {import('./public-packages.mjs').PublicPackage} pkg */
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

/** What the newest consumers do besides: what a project has beside its frameworks does not depend on their age. */
async function checkNewest() {
  const home = join(temporary, 'newest');
  const specs = peerSets.newest.map(specOf);
  const versions = await installedVersions();
  const peers = Object.fromEntries(engines.map((name) => [name, versions[name]]));
  Object.assign(peers, await examplePeers());
  const others = ['vitest@4.1.12', specOf('@types/node'), ...bundlers];
  others.push(...Object.entries(peers).map(([name, version]) => `${name}@${version}`));
  const installed = [...tarballs.values(), ...specs, ...others];
  if (!(await checkConsumers({ home, label: 'newest', installed, entries, check }))) return;
  await check('sizes, dependencies, licences', () =>
    printSizes(tarballs, join(home, 'node_modules')),
  );
  await check('node:test', () =>
    run('node', ['--test', 'main.test.mjs'], { cwd: join(home, 'node-test') }),
  );
  await check('vitest, with the tests of the documentation too', async () => {
    await writeTestsForVitest(join(home, 'vitest'));
    // Loading a package may take longer than its 5 s, beside everything else that is checked.
    const flags = ['run', '--testTimeout=60000'];
    await run(join(home, 'node_modules/.bin/vitest'), flags, { cwd: join(home, 'vitest') });
  });
  await check('durable jobs with their engines', () =>
    run('node', ['main.mjs', 'with'], { cwd: join(home, 'peers') }),
  );
  // The ones work, the others wait.
  await Promise.all([checkBundlers({ home, check }), checkExamples({ home, check })]);
}

/**
 * The tests of applications with durable jobs, of which the documentation says that Vitest runs them as Jest does.
 * @param {string} folder
 */
async function writeTestsForVitest(folder) {
  const tests = findSnippets().filter(({ place, kind }) => {
    return place.startsWith('docs/durable/testing.md:') && kind === 'jest';
  });
  if (tests.length === 0) throw new Error('The documentation has no such tests any more');
  for (const { file, code } of tests) {
    await writeFile(join(folder, file), `import { expect, test } from 'vitest';\n${code}`);
  }
}

/** All versions that the repository itself installs, by name. */
async function installedVersions() {
  const versions = { ...manifest.devDependencies };
  for (const { folder } of packages) {
    const text = await readFile(join(folder, 'package.json'), 'utf8');
    Object.assign(versions, JSON.parse(text).devDependencies);
  }
  return versions;
}

/** @param {string} alias */
function specOf(alias) {
  const spec = manifest.devDependencies[alias];
  return spec.startsWith('npm:') ? spec.slice('npm:'.length) : `${alias}@${spec}`;
}

const packages = await publicPackages();
const entries = packages.flatMap(({ name, exports }) =>
  Object.keys(exports)
    .filter((key) => !key.endsWith('.json'))
    .map((key) => name + key.slice(1)),
);
const temporary = await mkdtemp(join(tmpdir(), 'outlive-packages-'));
/** @type {Map<string, string>} */
const tarballs = new Map();
try {
  await run(join(bin, 'tsc'), ['-b', 'tsconfig.build.json'], { cwd: root });
  await buildPage();
  const workspaces = packages.flatMap(({ name }) => ['-w', name]);
  const packing = ['pack', '--json', '--pack-destination', temporary, ...workspaces];
  const { stdout } = await run('npm', packing, { cwd: root });
  for (const { name, filename } of JSON.parse(stdout))
    tarballs.set(name, join(temporary, filename));

  const everything = { tarballs: [...tarballs.values()], check };
  const groups = [
    () => checkTypes({ home: join(temporary, 'types'), ...everything }),
    checkNewest,
    () => checkNest({ home: join(temporary, 'nest'), ...everything }),
    async () => {
      for (const pkg of packages) {
        const tarball = tarballs.get(pkg.name) ?? '';
        await check(`${pkg.name}: files`, () => checkFiles(pkg));
        await check(`${pkg.name}: tarball`, () => checkTarball(pkg, tarball));
        await check(`${pkg.name}: publint`, () =>
          run(join(bin, 'publint'), ['run', '--strict', tarball]),
        );
        // node16 leaves out the resolution that knows no `exports`, and so no subpaths.
        await check(`${pkg.name}: attw`, () =>
          run(join(bin, 'attw'), ['--profile', 'node16', '--format', 'ascii', tarball]),
        );
      }
    },
    () =>
      checkConsumers({
        home: join(temporary, 'oldest'),
        label: 'oldest',
        installed: [...tarballs.values(), ...[...peerSets.oldest, '@types/node'].map(specOf)],
        entries,
        check,
      }),
    async () =>
      checkManagers({
        home: join(temporary, 'managers'),
        tarballs,
        entries,
        versions: await installedVersions(),
        check,
      }),
  ];
  // Two at once: half of the time of each goes into installing.
  const work = async () => {
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) await group();
  };
  await Promise.all([work(), work()]);
} finally {
  await rm(temporary, { recursive: true, force: true });
}

// Once more, at the end of the log.
for (const failure of failures) console.log(failure);
console.log(`check-packages: ${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;
