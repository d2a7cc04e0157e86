// @ts-check
// One server behind a balancer, replaced five times while orders come in.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Balancer } from './balancer.mjs';
import { startLoad } from './load.mjs';
import { readLedger } from './work.mjs';

const replacements = 5;
/** What a server gets from the signal on before it is killed; 30 s in Kubernetes. */
const graceBeforeKill = 5_000;

/**
 * @param {string} framework
 * @param {'with' | 'without'} mode
 */
export async function roll(framework, mode) {
  const folder = mkdtempSync(join(tmpdir(), 'outlive-rolling-'));
  const ledger = join(folder, 'ledger');
  writeFileSync(ledger, '');
  const balancer = new Balancer();
  const port = await balancer.listen();
  /** @type {string[]} */
  const exits = [];
  try {
    let server = await startServer(framework, mode, ledger);
    await balancer.add(server.port);
    const load = startLoad(port);
    for (let count = 0; count < replacements; count += 1) {
      const next = await startServer(framework, mode, ledger);
      await balancer.add(next.port);
      exits.push(await server.stop());
      balancer.remove(server.port);
      server = next;
    }
    const { accepted, failures, requestCount, seconds } = await load.stop();
    exits.push(await server.stop());
    const delivered = readLedger(ledger);
    const distinct = new Set(delivered);
    return {
      framework,
      mode,
      requestCount,
      perSecond: requestCount / seconds,
      connectionCount: balancer.connectionCount,
      failedCount: requestCount - accepted.length,
      failures: Object.fromEntries(failures),
      lostCount: accepted.filter((id) => !distinct.has(id)).length,
      duplicateCount: delivered.length - distinct.size,
      exits,
    };
  } finally {
    balancer.close();
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {string} framework
 * @param {string} mode
 * @param {string} ledger
 */
async function startServer(framework, mode, ledger) {
  const script = fileURLToPath(new URL('servers/shop.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, framework, mode, ledger], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [port] = await once(child.stdout, 'data');
  return {
    port: Number(port),
    /** Resolves to how it ended: its exit code, or the signal that killed it. */
    async stop() {
      child.kill('SIGTERM');
      const patience = new AbortController();
      sleep(graceBeforeKill, undefined, { signal: patience.signal }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      );
      const [code, signal] = await ended;
      patience.abort();
      return `${code ?? signal}`;
    },
  };
}
