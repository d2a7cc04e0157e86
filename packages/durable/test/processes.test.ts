import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, type DurableJobs, openJobs } from '@outlive/durable';
import { describePgBoss } from './support/engines.ts';
import { PostgresServer } from './support/postgres-server.ts';
import { Proxy } from './support/proxy.ts';
import type { LogLine, Task } from './support/worker.ts';
import { buildWorker, readLog, untilLogged, WorkerProcess } from './support/worker-process.ts';

/** Only stored here: the workers' own definition of the same name runs them. */
const task = defineJob<Task>('task', () => {}, { retries: 50, backoff: 0, leaseTime: 10_000 });

function started(n: number, not = 0): (line: LogLine) => boolean {
  return (line) => line.what === 'start' && line.n === n && line.pid !== not;
}

function ended(n: number): (line: LogLine) => boolean {
  return (line) => line.what === 'end' && line.n === n;
}

/** The jobs that have come to their end. */
function done(log: string): Set<number> {
  return new Set(readLog(log).flatMap(({ what, n }) => (what === 'end' ? [n] : [])));
}

describePgBoss('several processes on one PostgreSQL', () => {
  let server: PostgresServer;
  let producer: DurableJobs;
  let folder: string;
  let log: string;
  const workers: WorkerProcess[] = [];
  const proxies: Proxy[] = [];

  beforeAll(async () => {
    await buildWorker();
    server = await PostgresServer.start();
    folder = await mkdtemp(join(tmpdir(), 'outlive-processes-'));
    producer = await openJobs({
      jobs: [task],
      store: server.url,
      work: false,
      exceptionHandler: () => {}, // the database is restarted under it
    });
  }, 60_000);

  beforeEach(() => {
    log = join(folder, `${randomUUID()}.log`);
  });

  afterEach(async () => {
    await Promise.all(workers.splice(0).map(async (worker) => worker.end('SIGKILL')));
    await Promise.all(proxies.splice(0).map(async (proxy) => proxy.stop()));
  });

  afterAll(async () => {
    await producer.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  async function startWorker(options: { store?: string; queryTimeout?: number } = {}) {
    const defaults = { store: server.url, log, limit: 10, timeout: 500 };
    const worker = await WorkerProcess.start({ ...defaults, ...options });
    workers.push(worker);
    return worker;
  }

  /** Until it is known to be stored; the key keeps a try whose answer was lost from being a second job. */
  async function storeOne(n: number): Promise<void> {
    for (;;) {
      try {
        await producer.enqueue(task, { n, ms: 100 }, { key: String(n) });
        return;
      } catch {
        await sleep(100);
      }
    }
  }

  test('every job runs, and again only where a process was killed: 2000 jobs, kill -9 every 3 s, one restart of the database', async () => {
    const count = 2_000;
    const killed = new Set<number>();
    await Promise.all([startWorker(), startWorker()]);
    const storing = (async () => {
      for (let n = 0; n < count; n += 20) {
        await Promise.all(Array.from({ length: 20 }, async (_, index) => storeOne(n + index)));
      }
    })();
    for (let round = 0; round < 4; round += 1) {
      await sleep(3_000);
      if (round === 1) await server.restart();
      const victim = workers.shift();
      if (victim === undefined) throw new Error('no worker');
      killed.add(victim.pid);
      await victim.end('SIGKILL');
      await startWorker();
    }
    await storing;
    const until = performance.now() + 60_000;
    while (done(log).size < count && performance.now() < until) await sleep(200);
    // Not lost: each has ended.
    expect(done(log).size).toBe(count);
    // Nothing but a kill makes a job run again.
    const runs = new Map<number, number[]>();
    for (const { what, n, pid } of readLog(log)) {
      if (what === 'start') runs.set(n, [...(runs.get(n) ?? []), pid]);
    }
    const repeated = [...runs.values()].filter((pids) => pids.length > 1);
    expect(repeated.filter((pids) => !pids.slice(0, -1).every((pid) => killed.has(pid)))).toEqual(
      [],
    );
    expect(repeated.length).toBeGreaterThan(0);
    await sleep(100);
    expect((await producer.depth())['task']).toEqual({ ready: 0, active: 0, failed: 0 });
  }, 120_000);

  test('SIGTERM hands a long job to another process within 2 s, its attempt unspent, whether it heeds its signal or not', async () => {
    const first = await startWorker();
    await producer.enqueue(task, { n: 2001, ms: 60_000 });
    await producer.enqueue(task, { n: 2002, ms: 60_000, deaf: true });
    await producer.enqueue(task, { n: 2003, ms: 800, next: 2004 });
    await Promise.all([2001, 2002, 2003].map(async (n) => untilLogged(log, started(n))));
    await startWorker();
    const before = Date.now();
    void first.end('SIGTERM');
    for (const n of [2001, 2002]) {
      const again = await untilLogged(log, started(n, first.pid));
      expect(again.attempt).toBe(1);
      expect(again.at - before).toBeLessThan(2_000);
    }
    // One that ends within the grace ends here, and can still store another.
    await untilLogged(log, ended(2003));
    await untilLogged(log, ended(2004));
  }, 60_000);

  test('a cut of 3 s does no harm; one longer than the lease aborts the job here and runs it elsewhere', async () => {
    const proxy = await Proxy.start(server.port);
    proxies.push(proxy);
    const store = server.url.replace(String(server.port), String(proxy.port));
    const cut = await startWorker({ store, queryTimeout: 2_000 });
    await producer.enqueue(task, { n: 3001, ms: 4_000 });
    await untilLogged(log, started(3001));
    proxy.cut();
    await sleep(3_000);
    proxy.state = 'open';
    await untilLogged(log, ended(3001));
    await producer.enqueue(task, { n: 3002, ms: 14_000 });
    const first = await untilLogged(log, started(3002));
    proxy.state = 'silent';
    await startWorker();
    const abort = await untilLogged(log, ({ what, n }) => what === 'abort' && n === 3002);
    expect(abort.why).toMatch(/LeaseLostError/);
    expect(abort.at - first.at).toBeLessThan(14_000);
    const second = await untilLogged(log, started(3002, cut.pid));
    expect(second.at).toBeGreaterThanOrEqual(abort.at - 500);
    const end = await untilLogged(log, ended(3002));
    expect(end.pid).toBe(second.pid);
    expect(readLog(log).filter(started(3001))).toHaveLength(1);
  }, 90_000);
});
