import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { PostgresServer } from '@outlive/test-support/postgres-server';

const run = promisify(execFile);
const folder = join(__dirname, '../examples/shop');
const [major = 0] = process.versions.node.split('.').map(Number);

/** Orders for some seconds, while the shop is replaced three times. Rejects unless the exit code is 0. */
async function load(seconds: number, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const args = [join(folder, 'load.mjs'), String(seconds), '10'];
  const options = { env: { ...process.env, ...env }, timeout: 400_000 };
  const { stdout } = await run(process.execPath, args, options).catch((error: Error) => {
    throw new Error(`${error.message}${'stdout' in error ? String(error.stdout) : ''}`);
  });
  return stdout;
}

// What keeps the orders needs Node 22.
(major < 22 ? describe.skip : describe)('the shop', () => {
  let postgres: PostgresServer;

  beforeAll(async () => {
    postgres = await PostgresServer.start();
  }, 120_000);

  afterAll(() => postgres.stop());

  it('in a directory loses no order and no receipt while it is replaced three times', async () => {
    const stdout = await load(2);
    expect(stdout).toMatch(/orders placed +20\norders missing +0\nreceipts not sent +0\n/);
    expect(stdout).toMatch(/exit codes +0, 0, 0, 0$/m);
  }, 420_000);

  it('in PostgreSQL turns no order away while it is replaced three times', async () => {
    const stdout = await load(4, { DATABASE_URL: postgres.url });
    expect(stdout).toMatch(/orders placed +40\norders missing +0\nreceipts not sent +0\n/);
    expect(stdout).toMatch(/requests repeated +0\nexit codes +0, 0, 0, 0$/m);
  }, 420_000);

  it('has traces: that of a receipt leads to the request which placed the order', async () => {
    const shop = spawn(process.execPath, ['--import', './telemetry.mjs', 'server.mjs'], {
      cwd: folder,
      env: { ...process.env, PORT: '0', DATABASE_URL: postgres.url },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 180_000,
    });
    const ended = once(shop, 'close');
    const lines: string[] = [];
    let request: string | undefined;
    let receipt: string | undefined;
    let told = false;
    for await (const line of createInterface(shop.stdout)) {
      lines.push(line);
      const [, port] = /^listening on port (\d+)/.exec(line) ?? [];
      if (port !== undefined) {
        const body = JSON.stringify({ id: 'traced', item: 'tea', email: 'ada@example.com' });
        const headers = { 'content-type': 'application/json' };
        await fetch(`http://127.0.0.1:${port}/orders`, { method: 'POST', body, headers });
      }
      request ??= /^trace (\w{8}) POST \/orders \d+ ms$/.exec(line)?.[1];
      receipt ??= /^trace \w{8} \(from (\w{8})\) process send-receipt \d+ ms$/.exec(line)?.[1];
      // Once: a later signal would cut the shutdown short.
      if (!told && request !== undefined && receipt !== undefined) told = shop.kill('SIGTERM');
    }
    expect(await ended).toEqual([0, null]);
    expect(request).toMatch(/^\w{8}$/);
    expect(receipt).toBe(request);
  }, 200_000);
});
