/* oxlint-disable jest/no-standalone-expect -- it does not know the `it` of testsAtOnce() */
import { setTimeout as sleep } from 'node:timers/promises';
import { Scene } from '../support/scene.ts';
import { describeStores } from '../support/stores.ts';
import { testsAtOnce } from '../support/tests-at-once.ts';
import { buildWorker } from '../support/worker-process.ts';

beforeAll(buildWorker, 120_000);

describeStores('a worker whose way to the store', (start) => {
  const it = testsAtOnce(start);

  it('is cut for 3 s takes no harm; after longer than the lease, its job aborts and runs elsewhere', async (server) => {
    await using scene = await Scene.open(server);
    const proxy = await scene.proxy();
    const cut = await scene.startWorker({ proxy, queryTimeout: 5_000 });
    await scene.store({ n: 1, ms: 4_000 });
    await scene.until('start', 1);
    proxy.cut();
    await sleep(3_000);
    proxy.state = 'open';
    await scene.until('end', 1);
    await scene.store({ n: 2, ms: 120_000, quickFrom: 2 });
    const first = await scene.until('start', 2);
    proxy.state = 'silent';
    await scene.startWorker();
    const abort = await scene.until('abort', 2);
    expect(abort.why).toMatch(/LeaseLostError/);
    expect(abort.at - first.at).toBeLessThan(30_000);
    const second = await scene.until('start', 2, cut);
    // The lease is over for its process first, which looks every half a second.
    expect(second.at).toBeGreaterThanOrEqual(abort.at - 3_000);
    const end = await scene.until('end', 2);
    expect(end.pid).toBe(second.pid);
    expect(scene.linesOf('start', 1)).toHaveLength(1);
  });

  it('is slow runs every job once, also one that takes longer than its lease', async (server) => {
    await using scene = await Scene.open(server);
    const proxy = await scene.proxy();
    proxy.latency = 150;
    await scene.startWorker({ proxy });
    await scene.store({ n: 0, ms: 13_000 });
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
    await Promise.all(numbers.map(async (n) => scene.store({ n, ms: 10 })));
    for (const n of [...numbers, 0]) await scene.until('end', n);
    expect(scene.lines.filter(({ what }) => what === 'start')).toHaveLength(21);
    expect(scene.lines.filter(({ what }) => what === 'report')).toEqual([]);
  });

  it('has fallen silent still ends at SIGTERM, and soon', async (server) => {
    await using scene = await Scene.open(server);
    const proxy = await scene.proxy();
    const worker = await scene.startWorker({ proxy });
    await scene.store({ n: 1, ms: 60_000 });
    await scene.until('start', 1);
    proxy.state = 'silent';
    await sleep(500);
    const before = performance.now();
    expect(await worker.end('SIGTERM')).toBe(0);
    // Kubernetes gives 30 s.
    expect(performance.now() - before).toBeLessThan(25_000);
    // The store does not know that it was handed back: another process has it when the lease is over.
    const other = await scene.startWorker();
    expect((await scene.until('start', 1, worker)).pid).toBe(other.pid);
  });
});
