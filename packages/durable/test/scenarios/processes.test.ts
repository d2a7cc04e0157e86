/* oxlint-disable jest/no-standalone-expect -- it does not know the `it` of testsAtOnce() */
import { setTimeout as sleep } from 'node:timers/promises';
import { Scene } from '../support/scene.ts';
import { describeStores, type Server } from '../support/stores.ts';
import { testsAtOnce } from '../support/tests-at-once.ts';
import { buildWorker } from '../support/worker-process.ts';

beforeAll(buildWorker, 120_000);

describeStores('several processes on one store', (start) => {
  let server: Server;

  beforeAll(async () => {
    server = await start();
  }, 120_000);

  afterAll(async () => server.stop());

  test('SIGTERM hands a long job to another process, long before its lease is over, its attempt unspent, whether it heeds its signal or not', async () => {
    await using scene = await Scene.open(server);
    const first = await scene.startWorker();
    await scene.store({ n: 1, ms: 60_000 });
    await scene.store({ n: 2, ms: 60_000, deaf: true });
    await scene.store({ n: 3, ms: 800, next: 4 });
    await Promise.all([1, 2, 3].map(async (n) => scene.until('start', n)));
    await scene.startWorker();
    const before = Date.now();
    void first.end('SIGTERM');
    for (const n of [1, 2]) {
      const again = await scene.until('start', n, first);
      // One whose lease has run out has spent it.
      expect(again.attempt).toBe(1);
      expect(again.at - before).toBeLessThan(20_000);
    }
    // One that ends within the grace ends here, and can still store another.
    await scene.until('end', 3);
    await scene.until('end', 4);
  }, 120_000);
});

describeStores('processes that share a store', (start) => {
  const it = testsAtOnce(start);

  it('two processes share jobs, each of which runs once, also when one of them is replaced', async (server) => {
    await using scene = await Scene.open(server);
    const count = 400;
    // In its grace it ends what it runs, so that nothing is handed back.
    const [first] = await Promise.all([
      scene.startWorker({ timeout: 20_000 }),
      scene.startWorker(),
    ]);
    const numbers = Array.from({ length: count }, (_, n) => n);
    await Promise.all(numbers.map(async (n) => scene.store({ n, ms: 20 })));
    while (scene.done.size < count / 4) await sleep(20);
    expect(await first.end('SIGTERM')).toBe(0);
    await scene.startWorker();
    const until = performance.now() + 60_000;
    while (scene.done.size < count && performance.now() < until) await sleep(50);
    expect(scene.done.size).toBe(count);
    const starts = scene.lines.filter(({ what }) => what === 'start');
    expect(starts).toHaveLength(count);
    expect(new Set(starts.map(({ pid }) => pid)).size).toBeGreaterThan(1);
    await scene.untilEmpty();
  });

  it('a job whose process is killed twice in a row is run by a third, and ends', async (server) => {
    await using scene = await Scene.open(server);
    const first = await scene.startWorker();
    await scene.store({ n: 1, ms: 60_000, quickFrom: 3 });
    await scene.until('start', 1);
    await first.end('SIGKILL');
    const second = await scene.startWorker();
    await scene.until('start', 1, first);
    await second.end('SIGKILL');
    const third = await scene.startWorker();
    const end = await scene.until('end', 1);
    expect([end.pid, end.attempt]).toEqual([third.pid, 3]);
    await scene.untilEmpty();
  });
});
