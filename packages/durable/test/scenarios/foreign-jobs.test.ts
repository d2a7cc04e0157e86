import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DurableJobs,
  defineJob,
  type JobBackend,
  openJobs,
  pgliteBackend,
} from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { backendOf } from '../support/backend-of.ts';
import { describePgBoss } from '../support/engines.ts';
import { describeStores } from '../support/stores.ts';

interface Native {
  readonly boss?: {
    send(name: string, data: object | null, options: object): Promise<string | null>;
  };
  readonly queues?: Map<
    string,
    { add(name: string, data: unknown): Promise<{ id?: string }>; toKey(id: string): string }
  >;
  readonly redis?: { hset(key: string, field: string, value: string): Promise<number> };
}

/** Puts entries into the queue that Outlive has not stored; gives their ids. */
async function storeForeign({ native }: DurableJobs): Promise<(string | undefined | null)[]> {
  const { boss, queues, redis } = native as Native;
  if (boss !== undefined) {
    // Without keys of their own, only one of them could wait at a time.
    const data = [null, { other: 1 }, {}];
    return Promise.all(
      data.map(async (each, n) => boss.send('shared', each, { singletonKey: String(n) })),
    );
  }
  const queue = queues?.get('shared');
  const ids = [(await queue?.add('other', { a: 1 }))?.id];
  // Fields of which BullMQ cannot make values.
  for (const [field, text] of [
    ['data', '{broken'],
    ['opts', 'null'],
    ['progress', '{broken'],
    ['parent', '{broken'],
  ] as const) {
    const broken = await queue?.add('shared', {});
    await redis?.hset(queue?.toKey(broken?.id ?? '') ?? '', field, text);
    ids.push(broken?.id);
  }
  return ids;
}

async function leaveOthersAlone(open: () => JobBackend): Promise<void> {
  const ran: number[] = [];
  const reported: string[] = [];
  const shared = defineJob('shared', ({ n }: { n: number }) => void ran.push(n), { retries: 5 });
  const exceptionHandler = ({ exception }: { exception: unknown }): void =>
    void reported.push(String(exception));
  const options = { jobs: [shared], exceptionHandler };
  const jobs = await openJobs({ ...options, backend: open(), work: false });
  await jobs.enqueue(shared, { n: 1 });
  const ids = await storeForeign(jobs);
  for (const n of [2, 3]) await jobs.enqueue(shared, { n });
  await using worker = await openJobs({ ...options, backend: open() });
  // In less time than a lease takes to run out.
  await until(() => ran.length === 3);
  while ((await worker.depth())['shared']?.failed !== ids.length) await sleep(50);
  expect(ran.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  await until(() => reported.length === ids.length);
  for (const id of ids) {
    expect(reported).toContainEqual(
      `JobFailedError: Job shared ${id} failed for good: it was not stored by Outlive, and has no payload that Outlive knows`,
    );
  }
  await jobs.close();
}

describeStores('foreign entries in a queue', (start) => {
  it('fail alone, for good and with a reason', async () => {
    const server = await start();
    try {
      await leaveOthersAlone(() => backendOf(server.url));
    } finally {
      await server.stop();
    }
  }, 120_000);
});

describePgBoss('foreign entries in a queue: PGlite', () => {
  it('fail alone, for good and with a reason', async () => {
    const database = pgliteBackend();
    // One database, opened and closed once, for the two of them.
    let opened: Promise<void> | undefined;
    const open = (): JobBackend =>
      new Proxy(database, {
        get(target, key) {
          if (key === 'open')
            return (...args: Parameters<JobBackend['open']>) => (opened ??= target.open(...args));
          if (key === 'close') return async () => {};
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    await leaveOthersAlone(open);
    await database.close();
  }, 120_000);
});
