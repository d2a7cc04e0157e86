// @ts-check
// Closes servers under load without any delay, once with Outlive and once without, for each framework:
// node abrupt.mjs [framework...] [--only-with] [--json]. Counts the requests that came on a connection which
// the server had accepted, and that it did not answer. Exits with 0 only if Outlive lost no first one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask } from './customer.mjs';

const closeCount = 5;
const customerCount = 20;
/** In ms: before the signal, and from the signal on. */
const [loadFor, goOnFor] = [300, 700];

/**
 * @param {string} framework
 * @param {'with' | 'without'} mode
 */
async function closeUnderLoad(framework, mode) {
  const folder = mkdtempSync(join(tmpdir(), 'outlive-abrupt-'));
  const [ledger, accepted] = [join(folder, 'ledger'), join(folder, 'accepted')];
  writeFileSync(accepted, '');
  const script = fileURLToPath(new URL('servers/shop.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, framework, mode, ledger, '0', accepted], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const ended = once(child, 'exit');
    const [port] = await once(child.stdout, 'data');
    const stopping = new AbortController();
    /** @type {import('./customer.mjs').Orders[]} */
    const orders = Array.from({ length: customerCount }, (_, index) => ({
      keeps: index % 2 === 0,
      answered: 0,
      lost: [],
    }));
    const customers = orders.map((each) => ask(Number(port), stopping.signal, each));
    await sleep(loadFor);
    child.kill('SIGTERM');
    await Promise.race([Promise.all(customers), sleep(goOnFor)]);
    stopping.abort();
    await Promise.all(customers);
    child.kill('SIGKILL');
    await ended;
    const ports = new Set(readFileSync(accepted, 'utf8').split('\n').map(Number));
    return {
      answered: orders.reduce((sum, { answered }) => sum + answered, 0),
      lost: orders.flatMap(({ lost }) => lost).filter((each) => ports.has(each.port)),
    };
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {string} framework
 * @param {'with' | 'without'} mode
 */
async function measure(framework, mode) {
  const closes = [];
  for (let count = 0; count < closeCount; count += 1) {
    closes.push(await closeUnderLoad(framework, mode));
  }
  const lost = closes.flatMap((close) => close.lost);
  return {
    framework,
    mode,
    answeredCount: closes.reduce((sum, { answered }) => sum + answered, 0),
    /** Of connections on which the server had answered nothing yet, though the request came in time. */
    lostFirstCount: lost.filter(({ isFirst }) => isFirst).length,
    /** Of connections that it had kept: some idle at the very moment of the close. */
    lostLaterCount: lost.filter(({ isFirst }) => !isFirst).length,
  };
}

const args = process.argv.slice(2);
const named = args.filter((arg) => !arg.startsWith('--'));
const frameworks = named.length > 0 ? named : ['http', 'express', 'koa', 'fastify'];
/** @type {('with' | 'without')[]} */
const modes = args.includes('--only-with') ? ['with'] : ['with', 'without'];

const results = [];
for (const framework of frameworks) {
  for (const mode of modes) results.push(await measure(framework, mode));
}
if (args.includes('--json')) console.log(JSON.stringify(results));
else {
  console.table(results);
  process.exitCode = results.some((each) => each.mode === 'with' && each.lostFirstCount > 0)
    ? 1
    : 0;
}
