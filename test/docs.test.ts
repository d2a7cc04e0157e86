import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Job, Scheduler } from '@outlive/core';
import { javaScriptOf } from '../docs/.vitepress/java-script-of.cjs';
import { findSnippets, type Snippet } from '../scripts/snippets.cjs';
import { databases, startDatabases } from './databases.ts';

// Every code block of the documentation, and of every `@example`, has to compile and to run:
//
// ```ts          to its end; the comment behind a console.log() says what it prints
// ```ts server   until it listens, on whatever port is free
// ```ts jest     as a test file of Jest
// ```ts orm      to its end, and compiled by the newest TypeScript alone: ORMs have types that older ones do not know
// ```ts postgres to its end, with a server at DATABASE_URL; likewise redis (REDIS_URL) and mysql (MYSQL_URL)
// ```ts nest     not here: scripts/check-nest.mjs builds and runs it, where NestJS is installed
//
// The TypeScript is what is compiled; what runs is the JavaScript that the site shows beside it.

const root = join(__dirname, '..');
// Inside the repository, so that packages are found as they are in tests. Ignored by git.
const folder = join(root, '.docs-test');
const blocks = findSnippets().filter(({ kind }) => kind !== 'nest');
const scripts = blocks.filter(({ kind }) => kind !== 'jest');
const [runnable, missing] = [true, false].map((wanted) =>
  scripts.filter(
    ({ kind }) => wanted === kind.split(' ').every((word) => databases[word]?.isInstalled ?? true),
  ),
) as [Snippet[], Snippet[]];
for (const { kind, place } of missing) {
  console.warn(`NOT RUN, since this machine has no ${kind}: ${place}`);
}

/** The name that a block has as an ES module. */
const entryOf = (file: string): string => file.replace(/\.\w+$/, '.mjs');

/** Where the databases are: for those blocks alone that ask for one. */
let addresses: Record<string, string> = {};
let stopDatabases = (): Promise<void> => Promise.resolve();

/** What a command printed, once it has ended well. */
function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd: root, timeout: 240_000, env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`It ended with ${error.code ?? error.signal}\n${stdout}${stderr}`));
    });
  });
}

// For the blocks that start a server and would go on for ever.
const endOnceListening = `
  const { Server } = require('node:net');
  const { listen } = Server.prototype;
  Server.prototype.listen = function (first, ...rest) {
    this.once('listening', () => setTimeout(process.exit, 50, 0));
    return listen.call(this, typeof first === 'object' ? { ...first, port: 0 } : 0, ...rest);
  };
  process.exitCode = 1; // if it never listens
`;

// All of them run beside one another, and so wait for each other: on a busy machine for minutes.
jest.setTimeout(300_000);

const scheduler = new Scheduler({ limit: availableParallelism() });
const runs = new Map<Snippet, Job<string>>();

beforeAll(async () => {
  const started = await startDatabases();
  addresses = started.env;
  stopDatabases = started.stop;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  mkdirSync(join(folder, 'js'));
  for (const { file, code } of blocks) writeFileSync(join(folder, file), code);
  for (const { file, code } of scripts) {
    const javaScript = javaScriptOf(code);
    writeFileSync(
      join(folder, 'js', javaScript === undefined ? file : entryOf(file)),
      javaScript ?? code,
    );
  }
  writeFileSync(join(folder, 'end-once-listening.cjs'), endOnceListening);
  const compilerOptions = { noEmit: true, allowJs: true, checkJs: true, types: ['node', 'jest'] };
  const include = ['*.ts', '*.js', '*.mjs'];
  const tsconfig = { extends: '../tsconfig.base.json', compilerOptions, include };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));

  await build({
    absWorkingDir: folder,
    entryPoints: scripts.map(
      ({ file, code }) => `js/${javaScriptOf(code) === undefined ? file : entryOf(file)}`,
    ),
    outdir: 'out',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@outlive/source'],
    external: [
      '@apollo/server',
      '@as-integrations/express5',
      '@electric-sql/pglite',
      '@hono/node-server',
      '@sentry/node',
      '@trpc/server',
      'bullmq',
      'drizzle-orm',
      'express',
      'fastify',
      'fastify-plugin',
      'graphql-yoga',
      'hono',
      'ioredis',
      'koa',
      'koa-mount',
      'kysely',
      'mysql2',
      'pg',
      '@opentelemetry/*',
      'prom-client',
      'pg-boss',
      'pino',
      'postgres',
      'supertest',
    ],
    logLevel: 'silent',
  });
  for (const block of runnable) {
    const script = join(folder, 'out', entryOf(block.file));
    const args = block.kind === 'server' ? ['-r', join(folder, 'end-once-listening.cjs')] : [];
    const env = block.kind.split(' ').some((word) => word in databases)
      ? { ...process.env, ...addresses }
      : process.env;
    const job = scheduler.spawnNow(() => run(process.execPath, [...args, script], env));
    runs.set(block, job);
  }
});

afterAll(async () => {
  await scheduler.close();
  await stopDatabases();
});

test('every block compiles', async () => {
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false']);
});

test.each(runnable)('$place runs', async (block) => {
  const printed = (await runs.get(block)?.wait())?.split('\n') ?? [];
  const promised = [...block.code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)];
  expect(printed).toEqual(expect.arrayContaining(promised.map(([, line]) => line)));
});

test('every block that is a test passes', async () => {
  await run(join(root, 'node_modules/.bin/jest'), ['--testMatch', '**/.docs-test/*.test.ts']);
});
