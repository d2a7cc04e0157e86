// @ts-check
// Runs the conformance tests of some drivers on another runtime: node scripts/on-runtime.mjs bun http express5
// Its binary comes from npm and stays in the system's temporary folder.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installOnce } from './npm-binary.mjs';

/** What has been tried. */
const versions = { bun: '1.4.5', deno: '2.9.6' };

/**
 * What is not claimed: docs/frameworks.md tells of it.
 * @type {Record<string, RegExp>}
 */
const unclaimed = {
  bun: /a server that closes, .* answers a request that/,
  deno: /Koa \d › an atomic handler that is queued › is dropped as well when it still waits/,
};

/** How long the scenarios of one driver may take, in ms. */
const limit = 1_800_000;

/** What the drivers use, and no bundle should hold. */
const frameworks =
  'express express4 fastify fastify4 fastify-plugin koa koa2 koa-mount @koa/router koa-bodyparser supertest'.split(
    ' ',
  );

const root = join(import.meta.dirname, '..');
const [runtime = '', ...drivers] = process.argv.slice(2);
const command = commandOf(runtime);
if (command === undefined || drivers.length === 0) {
  console.error('Usage: node scripts/on-runtime.mjs <node|bun|deno> <driver>...');
  process.exit(2);
}

// Inside the repository, so that the frameworks are found.
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'outlive-runtime-'));
try {
  for (const driver of drivers) report(driver, run(await bundle(driver)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} name
 * @returns {[string, ...string[]] | undefined}
 */
function commandOf(name) {
  switch (name) {
    case 'node':
      return [process.execPath];
    case 'bun':
      return [binary('bun', '@oven', 'bin/bun')];
    case 'deno':
      return [binary('deno', '@deno', 'deno'), 'run', '--allow-all'];
    default:
      return undefined;
  }
}

/**
 * @param {keyof typeof versions} name
 * @param {string} scope - of the packages for the platforms, of which npm installs one
 * @param {string} path - within that
 */
function binary(name, scope, path) {
  const spec = `${name}@${versions[name]}`;
  const packages = join(installOnce(spec.replace('@', '-'), spec), scope);
  const [platform] = readdirSync(packages);
  if (platform === undefined) throw new Error(`No binary of ${spec} for this machine`);
  return join(packages, platform, path);
}

/** @param {string} driver */
async function bundle(driver) {
  const entry = join(folder, `${driver}.ts`);
  const outfile = join(folder, `${driver}.mjs`);
  const [harness, tests] = [
    'scripts/runtimes/harness.mjs',
    `packages/conformance/test/${driver}.test.ts`,
  ].map((file) => JSON.stringify(join(root, file)));
  writeFileSync(entry, `import { runAll } from ${harness}; import ${tests}; await runAll();`);
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // The sources of our packages; all others stay outside.
    conditions: ['@outlive/source'],
    external: frameworks,
    // Tests are imported for what they do.
    ignoreAnnotations: true,
    logLevel: 'warning',
  });
  return outfile;
}

/** @param {string} file */
function run(file) {
  const [executable, ...args] = /** @type {[string, ...string[]]} */ (command);
  const { stdout, stderr, error } = spawnSync(executable, [...args, file], {
    cwd: root,
    encoding: 'utf8',
    timeout: limit,
    killSignal: 'SIGKILL',
  });
  const line = stdout?.split('\n').find((each) => each.startsWith('RESULT '));
  if (line !== undefined) return JSON.parse(line.slice('RESULT '.length));
  throw new Error(`It ended without a result\n${stdout}${stderr}`, { cause: error });
}

/**
 * @param {string} driver
 * @param {{ count: number, failed: { title: string, message: string }[] }} result
 */
function report(driver, { count, failed }) {
  for (const { title, message } of failed) console.log(`✗ ${title}\n  ${message}`);
  console.log(`${runtime} ${driver}: ${count - failed.length} of ${count} scenarios pass`);
  if (failed.some(({ title }) => unclaimed[runtime]?.test(title) !== true)) process.exitCode = 1;
}
