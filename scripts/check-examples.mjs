// @ts-check
// Runs the examples as whoever copies one of them does: against the packed packages.
import { execFile, spawn } from 'node:child_process';
import { cp, readdir, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeBinary } from './npm-binary.mjs';

const run = promisify(execFile);
const examples = fileURLToPath(new URL('../examples', import.meta.url));
const order = { id: '1', item: 'tea', email: 'ada@example.com' };

/**
 * The servers: what to run, what to ask, and what it answers. `npm start` runs the same, but does not hand on every signal.
 * @type {{ name: string, args?: string[], path: string, body?: object, status?: number, prints?: RegExp, node?: number }[]}
 */
const servers = [
  { name: 'express', path: '/products/3' },
  { name: 'koa', path: '/products/3' },
  { name: 'fastify', path: '/products/3' },
  { name: 'http', path: '/products/3' },
  { name: 'inspect', args: ['inspect.mjs'], path: '/_jobs/' },
  { name: 'durable', path: '/orders', body: order, status: 201, node: 22 },
  {
    name: 'shop',
    args: ['--import', './telemetry.mjs', 'server.mjs'],
    path: '/orders',
    body: order,
    status: 201,
    prints: /^trace \w{8} \(from \w{8}\) process send-receipt/,
    node: 22,
  },
];

/**
 * @param {object} project
 * @param {string} project.home - a folder in which the packages and their frameworks are installed
 * @param {(title: string, body: () => Promise<unknown>) => Promise<void>} project.check
 */
export async function checkExamples({ home, check }) {
  /** @param {string} name */
  const copy = async (name) => {
    const folder = join(home, `example-${name}`);
    await cp(join(examples, name), folder, { recursive: true });
    return folder;
  };
  // They wait more than they work.
  await Promise.all(
    servers.map((server) =>
      check(`example: ${server.name}`, async () => serve(await copy(server.name), server)),
    ),
  );
  await check('example: the demo', async () => {
    const cwd = await copy('demo');
    const { stdout } = await run(process.execPath, ['demo.mjs'], { cwd, timeout: 600_000 });
    const wide = stdout.split('\n').find((line) => line.length > 80);
    if (wide !== undefined) throw new Error(`wider than 80 columns: ${wide}`);
  });
  await check('example: the rolling restart', async () => {
    const args = ['rolling.mjs', 'fastify', '--only-with'];
    await run(process.execPath, args, { cwd: await copy('rolling'), timeout: 600_000 });
  });
}

/**
 * Starts a server, asks it once, and ends it.
 * @param {string} cwd
 * @param {(typeof servers)[number]} options
 */
async function serve(cwd, { args = ['server.mjs'], path, body, status = 200, prints, node = 20 }) {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const server = spawn(major < node ? nodeBinary(24) : process.execPath, args, {
    cwd,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  if (server.stdout === null) throw new Error('it prints nothing');
  const ended = once(server, 'close');
  const late = setTimeout(() => server.kill('SIGKILL'), 600_000);
  let asked = false;
  let told = false;
  let printed = prints === undefined;
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      printed ||= prints?.test(line) === true;
      const [, port] = /(?:port |127\.0\.0\.1:)(\d+)/.exec(line) ?? [];
      if (port !== undefined && !asked) {
        asked = true;
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
          method: body === undefined ? 'GET' : 'POST',
          headers: { 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        if (answer.status !== status) throw new Error(`answered ${answer.status}`);
      }
      // Once: a third signal would end it at once.
      if (asked && printed && !told) told = server.kill('SIGTERM');
    }
  } catch (error) {
    clearTimeout(late);
    server.kill('SIGKILL');
    throw error;
  }
  const [code] = await ended;
  clearTimeout(late);
  if (!printed) throw new Error(`printed no line ${prints}`);
  if (code !== 0) throw new Error(`ended with ${code}`);
}

/** What the examples import that is not ours, by their manifests. */
export async function examplePeers() {
  /** @type {Record<string, string>} */
  const peers = {};
  for (const folder of await readdir(examples)) {
    const text = await readFile(join(examples, folder, 'package.json'), 'utf8').catch(() => '{}');
    for (const [name, version] of Object.entries(JSON.parse(text).dependencies ?? {})) {
      if (!name.startsWith('@outlive/')) peers[name] = String(version);
    }
  }
  return peers;
}
