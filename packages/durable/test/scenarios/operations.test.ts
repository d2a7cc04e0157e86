/* oxlint-disable jest/no-standalone-expect -- it does not know the `it` of testsAtOnce() */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, type DurableJobs, openJobs } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { backendOf } from '../support/backend-of.ts';
import { keepAll } from '../support/keep-all.ts';
import { Runs } from '../support/runs.ts';
import { describeStores } from '../support/stores.ts';
import { testsAtOnce } from '../support/tests-at-once.ts';

// What an operator does from a process that neither stored nor runs the jobs, and does not know their names.

async function operator(url: string, space: string): Promise<DurableJobs> {
  return openJobs({ jobs: [], backend: backendOf(url, space), work: false });
}

describeStores('operators', (start) => {
  const it = testsAtOnce(start);

  it('cancel a run in another process, and see its progress and its end', async ({ url }) => {
    const runs = new Runs('report', { retries: 3 });
    const failures: unknown[] = [];
    const exceptionHandler = (context: unknown): void => void failures.push(context);
    await using worker = await openJobs({
      jobs: [runs.job],
      backend: backendOf(url, 'cancel'),
      exceptionHandler,
    });
    await using desk = await operator(url, 'cancel');
    const id = String(await worker.enqueue(runs.job, { month: 7 }));
    const { context, end } = await runs.begun();
    await context.progress({ rows: 12 });
    expect(await desk.get(id)).toMatchObject({
      name: 'report',
      state: 'running',
      attempt: 1,
      payload: { month: 7 },
      progress: { rows: 12 },
      process: expect.stringMatching(new RegExp(`:${process.pid}$`)),
    });
    const ended = desk.wait(id).catch((error: unknown) => error);
    expect(await desk.cancel(id)).toBe(true);
    await until(() => context.signal.aborted);
    expect(context.signal.reason).toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    end(context.signal.reason as Error);
    expect(await ended).toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    expect(await desk.get(id)).toMatchObject({ state: 'cancelled', attempt: 1 });
    expect(failures).toEqual([]);
    expect(await desk.retry(id)).toBe(true);
    const again = await runs.begun(2);
    expect(again.context).toMatchObject({ id, attempt: 1 });
    again.end();
    expect(await desk.wait(id)).toBeUndefined();
  });

  it('see how many jobs there are of names that they do not know, and of none that has no jobs', async ({
    url,
  }) => {
    const known = ['busy', 'stopped', 'empty', 'over'].map((name) => defineJob(name, () => {}));
    const [busy, , , over] = known;
    const backend = backendOf(url, 'depth');
    await using producer = await openJobs({ jobs: known, backend, work: false });
    await using desk = await operator(url, 'depth');
    expect(await desk.depth()).toEqual({});
    if (busy === undefined || over === undefined) throw new Error('unreachable');
    await producer.enqueueMany(busy, [{ payload: {}, options: { delay: 60_000 } }]);
    await desk.cancel(String(await producer.enqueue(over, {})));
    await desk.pause('stopped');
    const none = { ready: 0, active: 0, failed: 0 };
    const depth = { busy: { ...none, ready: 1 }, stopped: { ...none, paused: true } };
    expect(await desk.depth()).toEqual(depth);
    expect(await producer.depth()).toEqual({ ...depth, empty: none, over: none });
  });

  it('stop a name in all processes, also in those that start later', async ({ url }) => {
    const ran: number[] = [];
    const job = defineJob('stopped', ({ n }: { n: number }) => n * ran.push(n));
    const other = defineJob('other', () => 'goes on');
    const open = async (): Promise<DurableJobs> =>
      openJobs({ jobs: [job, other], backend: backendOf(url, 'stop') });
    await using first = await open();
    await using desk = await operator(url, 'stop');
    await first.wait(String(await first.enqueue(job, { n: 1 })));
    await desk.pause('stopped');
    // Known there within a second, on a machine that is not busy.
    await sleep(4_000);
    await using later = await open();
    const id = String(await first.enqueue(job, { n: 2 }));
    await expect(later.wait(id, { timeout: 2_500 })).rejects.toMatchObject({
      code: 'ERR_JOB_TIMEOUT',
    });
    expect(await later.wait(String(await first.enqueue(other, {})))).toBe('goes on');
    expect(ran).toEqual([1]);
    await desk.resume('stopped');
    expect(await desk.wait(id, { timeout: 20_000 })).toBe(4);
  });

  it('retry what failed while a mail server was away, and delete the rest', async ({ url }) => {
    let isUp = false;
    const mail = defineJob(
      'mail',
      ({ to }: { to: string }) => {
        if (to === 'nobody') throw new RangeError('no such address');
        if (!isUp) throw new Error('connect ECONNREFUSED');
        return 'sent';
      },
      { retries: 0 },
    );
    await using worker = await openJobs({
      jobs: [mail],
      backend: backendOf(url, 'mail'),
      exceptionHandler: () => {},
    });
    await using desk = await operator(url, 'mail');
    const ids: string[] = [];
    for (const to of ['ada', 'nobody', 'bob']) ids.push(String(await worker.enqueue(mail, { to })));
    const failed = async (): Promise<string[]> =>
      (await desk.list({ name: 'mail', state: 'failed' })).jobs.map(({ id }) => id);
    while ((await failed()).length < 3) await new Promise(setImmediate);
    expect(await failed()).toEqual(ids.toReversed());
    isUp = true;
    expect(await desk.retryAll({ name: 'mail', error: 'ECONNREFUSED' })).toBe(2);
    expect(await Promise.all([desk.wait(String(ids[0])), desk.wait(String(ids[2]))])).toEqual([
      'sent',
      'sent',
    ]);
    expect(await failed()).toEqual([ids[1]]);
    await expect(desk.wait(String(ids[1]))).rejects.toMatchObject({ name: 'RangeError' });
    expect(await desk.discard(String(ids[1]))).toBe(true);
    expect(await desk.list()).toMatchObject({ jobs: [{ id: ids[2] }, { id: ids[0] }] });
  });

  it('cancel a run whose process then dies, also its last one: it does not begin again', async ({
    url,
  }) => {
    const again = new Runs('again', { retries: 3, backoff: 0, leaseTime: 10_000 });
    const last = new Runs('last', { retries: 0, leaseTime: 10_000 });
    const jobs = [again.job, last.job];
    await using producer = await openJobs({ jobs, backend: backendOf(url, 'died'), work: false });
    const ids: string[] = [];
    for (const job of jobs) ids.push(String(await producer.enqueue(job, {})));
    // Of a process that is killed: nobody renews the leases, or settles them.
    const killed = backendOf(url, 'died');
    const specs = [
      { name: 'again', retries: 3, backoff: 0, leaseTime: 10_000, keep: keepAll },
      { name: 'last', retries: 0, backoff: 0, leaseTime: 10_000, keep: keepAll },
    ];
    await killed.open(specs, { work: true, onError: () => {} });
    const { signal } = new AbortController();
    for (let claimed = 0; claimed < 2;) {
      claimed += (await killed.claim(['again', 'last'], 2, signal)).length;
    }
    for (const id of ids) expect(await producer.cancel(id)).toBe(true);
    await killed.close();
    const worker = await openJobs({
      jobs,
      backend: backendOf(url, 'died'),
      exceptionHandler: () => {},
    });
    for (const id of ids) {
      const ended = producer.wait(id, { timeout: 60_000 });
      await expect(ended).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED' });
      expect(await producer.get(id)).toMatchObject({ state: 'cancelled' });
    }
    expect([...again.all, ...last.all]).toEqual([]);
    await worker.close();
  });
});
