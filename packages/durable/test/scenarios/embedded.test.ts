/* oxlint-disable jest/no-standalone-expect -- it does not know the `it` of testsAtOnce() */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineJob, type DurableJobs, openJobs } from '@outlive/durable';
import { describePgBoss } from '../support/engines.ts';
import { nothing, testsAtOnce } from '../support/tests-at-once.ts';
import type { Task } from '../support/worker.ts';
import { buildWorker, untilLogged, WorkerProcess } from '../support/worker-process.ts';

const task = defineJob<Task>('task', () => {}, { retries: 50, backoff: 0, leaseTime: 10_000 });

/** A directory of jobs, and the processes that work on it, one at a time. */
class Place {
  readonly store: string;
  readonly log: string;
  readonly #workers: WorkerProcess[] = [];

  private constructor(store: string) {
    this.store = store;
    this.log = join(store, 'log');
  }

  static async make(): Promise<Place> {
    return new Place(await mkdtemp(join(tmpdir(), 'outlive-embedded-')));
  }

  async open(): Promise<DurableJobs> {
    return openJobs({ jobs: [task], store: this.store, work: false });
  }

  async startWorker(): Promise<WorkerProcess> {
    const { store, log } = this;
    const worker = await WorkerProcess.start({ store, log, limit: 10, timeout: 100 });
    this.#workers.push(worker);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(async (worker) => worker.end('SIGKILL')));
    await rm(this.store, { recursive: true });
  }
}

beforeAll(buildWorker, 120_000);

describePgBoss('jobs in a directory', () => {
  const it = testsAtOnce(nothing);

  it('are stored in a transaction with other tables, or not at all', async () => {
    await using place = await Place.make();
    await using jobs = await place.open();
    await jobs.transaction(async (tx) => {
      await tx.query('create table orders (n integer)');
    });
    const order = async (n: number, fail: boolean): Promise<void> =>
      jobs.transaction(async (tx) => {
        await tx.query('insert into orders values ($1)', [n]);
        await jobs.enqueue(task, { n, ms: 0 }, { tx });
        if (fail) throw new Error('no');
      });
    await order(1, false);
    await expect(order(2, true)).rejects.toThrow('no');
    const { rows } = await jobs.transaction(async (tx) => tx.query('select n from orders'));
    expect(rows).toEqual([{ n: 1 }]);
    expect(await jobs.depth()).toEqual({ task: { ready: 1, active: 0, failed: 0 } });
  });

  it('are refused to a second process, and survive the kill of the first', async () => {
    await using place = await Place.make();
    {
      await using jobs = await place.open();
      await jobs.enqueue(task, { n: 1, ms: 60_000, quickFrom: 2 });
    }
    const first = await place.startWorker();
    await expect(openJobs({ jobs: [task], store: place.store })).rejects.toMatchObject({
      code: 'ERR_STORE_LOCKED',
      pid: first.pid,
      message: expect.stringMatching(/^Process \d+ is using .+: stop it, or .+ PostgreSQL/),
    });
    await untilLogged(place.log, ({ what, n }) => what === 'start' && n === 1);
    await first.end('SIGKILL');
    const second = await place.startWorker();
    const end = await untilLogged(place.log, ({ what, n }) => what === 'end' && n === 1);
    expect([end.pid, end.attempt]).toEqual([second.pid, 2]);
  });

  it('are handed back at SIGTERM, and go on at once in the next process', async () => {
    await using place = await Place.make();
    const first = await place.startWorker();
    expect(await first.end('SIGTERM')).toBe(0);
    {
      await using jobs = await place.open();
      await jobs.enqueue(task, { n: 1, ms: 60_000 });
    }
    const second = await place.startWorker();
    await untilLogged(place.log, ({ what, pid }) => what === 'start' && pid === second.pid);
    expect(await second.end('SIGTERM')).toBe(0);
    const third = await place.startWorker();
    const again = await untilLogged(
      place.log,
      ({ what, pid }) => what === 'start' && pid === third.pid,
    );
    expect(again.attempt).toBe(1);
  });
});
