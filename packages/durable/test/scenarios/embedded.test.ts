import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineJob, openJobs } from '@outlive/durable';
import { describePgBoss } from '../support/engines.ts';
import type { Task } from '../support/worker.ts';
import { buildWorker, untilLogged, WorkerProcess } from '../support/worker-process.ts';

const task = defineJob<Task>('task', () => {}, { retries: 50, backoff: 0, leaseTime: 10_000 });

describePgBoss('jobs in a directory', () => {
  let store: string;
  let log: string;
  const workers: WorkerProcess[] = [];

  beforeAll(buildWorker, 30_000);

  beforeEach(async () => {
    store = await mkdtemp(join(tmpdir(), 'outlive-embedded-'));
    log = join(store, 'log');
  });

  afterEach(async () => {
    await Promise.all(workers.splice(0).map(async (worker) => worker.end('SIGKILL')));
    await rm(store, { recursive: true });
  });

  async function startWorker(): Promise<WorkerProcess> {
    const worker = await WorkerProcess.start({ store, log, limit: 10, timeout: 100 });
    workers.push(worker);
    return worker;
  }

  it('are stored in a transaction with other tables, or not at all', async () => {
    await using jobs = await openJobs({ jobs: [task], store, work: false });
    await jobs.transaction(async (tx) => {
      await tx.query('create table orders (n integer)');
    });
    const place = async (n: number, fail: boolean): Promise<void> =>
      jobs.transaction(async (tx) => {
        await tx.query('insert into orders values ($1)', [n]);
        await jobs.enqueue(task, { n, ms: 0 }, { tx });
        if (fail) throw new Error('no');
      });
    await place(1, false);
    await expect(place(2, true)).rejects.toThrow('no');
    const { rows } = await jobs.transaction(async (tx) => tx.query('select n from orders'));
    expect(rows).toEqual([{ n: 1 }]);
    expect(await jobs.depth()).toEqual({ task: { ready: 1, active: 0, failed: 0 } });
  }, 60_000);

  it('are refused to a second process, and survive the kill of the first', async () => {
    {
      await using jobs = await openJobs({ jobs: [task], store, work: false });
      await jobs.enqueue(task, { n: 1, ms: 3_000 });
    }
    const first = await startWorker();
    await expect(openJobs({ jobs: [task], store })).rejects.toMatchObject({
      code: 'ERR_STORE_LOCKED',
      pid: first.pid,
      message: expect.stringMatching(/^Process \d+ is using .+: stop it, or .+ PostgreSQL/),
    });
    await untilLogged(log, ({ what, n }) => what === 'start' && n === 1);
    await first.end('SIGKILL');
    const second = await startWorker();
    const end = await untilLogged(log, ({ what, n }) => what === 'end' && n === 1);
    expect([end.pid, end.attempt]).toEqual([second.pid, 2]);
  }, 90_000);

  it('are handed back at SIGTERM, and go on at once in the next process', async () => {
    const first = await startWorker();
    expect(await first.end('SIGTERM')).toBe(0);
    {
      await using jobs = await openJobs({ jobs: [task], store, work: false });
      await jobs.enqueue(task, { n: 1, ms: 20_000 });
    }
    const second = await startWorker();
    await untilLogged(log, ({ what, pid }) => what === 'start' && pid === second.pid);
    expect(await second.end('SIGTERM')).toBe(0);
    const third = await startWorker();
    const again = await untilLogged(log, ({ what, pid }) => what === 'start' && pid === third.pid);
    expect(again.attempt).toBe(1);
  }, 90_000);
});
