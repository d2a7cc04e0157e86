import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getScheduler, jobsListener, Scheduler, spawn } from '@outlive/http';
import {
  type DefinedJob,
  defineJob,
  type DurableJobContext,
  type DurableJobs,
  type ExhaustedJob,
  type JobPayload,
  type JobPayloadError,
  memoryBackend,
  openJobs,
} from '@outlive/durable';
import { expectTypeOf } from 'expect-type';
import { orderSchema } from './support/order-schema.ts';

const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;
const deep = JSON.parse('['.repeat(101) + ']'.repeat(101)) as unknown;

const refused: [string, unknown][] = [
  ['undefined', undefined],
  ['a function', () => {}],
  ['a BigInt', { n: 1n }],
  ['a cycle', cycle],
  ['a NUL', { text: 'a\0b' }],
  ['a NUL in a key', { 'a\0b': 1 }],
  ['half of a surrogate pair', ['\uD83D']],
  ['the other half', { '\uDE00': 1 }],
  ['more than 1 MB', 'x'.repeat(1_000_000)],
  ['more than 100 levels', deep],
];

const accepted: [string, unknown, unknown][] = [
  ['text that only looks like an escape', '\\u0000 \\ud800', '\\u0000 \\ud800'],
  ['whole surrogate pairs', '😀', '😀'],
  ['a date, as text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
  ['no undefined fields', { a: undefined, b: 1 }, { b: 1 }],
  ['brackets in text', '['.repeat(200), '['.repeat(200)],
];

/** Spawns for a request of a server with this scheduler; gives what the handler was called with. */
async function spawnFor(
  scheduler: Scheduler,
  spawnIt: (request: object) => Promise<unknown>,
): Promise<unknown> {
  let outcome: unknown;
  const listener = jobsListener(async (req, res) => {
    outcome = await spawnIt(req).catch((error: unknown) => error);
    expect(getScheduler(req)).toBe(scheduler);
    res.end();
  }, scheduler);
  const server = createServer(listener).listen(0);
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await new Promise((resolve) => server.close(resolve));
  return outcome;
}

describe.each(['with a backend', 'without one'])('spawn(request, job, payload) %s', (how) => {
  const calls: [unknown, DurableJobContext][] = [];
  const job = defineJob('job', (payload: unknown, context) => void calls.push([payload, context]));
  const typed = defineJob(
    'typed',
    (order: { id: number }) => void calls.push([order, null as never]),
    {
      schema: orderSchema,
    },
  );

  beforeEach(() => {
    calls.length = 0;
  });

  async function open(): Promise<Scheduler> {
    return how === 'without one'
      ? new Scheduler()
      : openJobs({ jobs: [job, typed], backend: memoryBackend() });
  }

  async function called(scheduler: Scheduler): Promise<unknown> {
    while (calls.length === 0) await new Promise(setImmediate);
    await scheduler.waitAndClose();
    return calls[0]?.[0];
  }

  it('resolves to the id that the handler is given', async () => {
    const scheduler = await open();
    const id = await spawnFor(scheduler, async (req) => spawn(req, job, { orderId: '7' }));
    expect(await called(scheduler)).toEqual({ orderId: '7' });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(calls[0]?.[1]).toMatchObject({ id, attempt: 1 });
  });

  it.each(refused)('refuses %s', async (_, payload) => {
    await using scheduler = await open();
    const error = await spawnFor(scheduler, async (req) => spawn(req, job, payload));
    expect(error).toMatchObject({ code: 'ERR_JOB_PAYLOAD', name: 'JobPayloadError' });
    expect(calls).toEqual([]);
  });

  it.each(accepted)('carries %s', async (_, payload, seen) => {
    const scheduler = await open();
    await spawnFor(scheduler, async (req) => spawn(req, job, payload));
    expect(await called(scheduler)).toEqual(seen);
  });

  it('asks the schema, and gives the handler what it makes of the payload', async () => {
    const scheduler = await open();
    const error = await spawnFor(scheduler, async (req) => spawn(req, typed, { id: 'x' }));
    expect((error as JobPayloadError).issues).toEqual([
      { message: 'id is no number', path: ['id'] },
    ]);
    await spawnFor(scheduler, async (req) => spawn(req, typed, { id: '7' }));
    expect(await called(scheduler)).toEqual({ id: 7 });
  });

  it('knows the types of payloads', async () => {
    const order = defineJob('order', async (payload: { id: string }) => payload);
    expectTypeOf(spawn<[payload: { id: string }], Promise<string>>).toBeFunction();
    const check = (req: object): void => {
      // @ts-expect-error -- a number is no string
      void spawn(req, order, { id: 7 });
      // @ts-expect-error -- the schema takes text
      void spawn(req, typed, { id: 7 });
      void spawn(req, typed, { id: '7' });
    };
    expect(check).toBeInstanceOf(Function);
  });
});

describe('the type of a defined job', () => {
  it('says what JSON does not give back', () => {
    const dated = defineJob(
      'dated',
      (_: { at: Date; list: readonly { tags?: Map<string, 1> }[] }) => {},
    );
    const kept = defineJob('kept', (_: { at: string; list: readonly (number | null)[] }) => {});
    const parsed = defineJob('parsed', (_: { id: number }) => {}, { schema: orderSchema });
    const check = (jobs: DurableJobs): void => {
      // @ts-expect-error -- a Date arrives as a string
      void jobs.enqueue(dated, { at: new Date(), list: [] });
      void jobs.enqueue(kept, { at: new Date().toISOString(), list: [1, null] });
      void jobs.enqueue(parsed, { id: '7' });
    };
    expectTypeOf(kept).toEqualTypeOf<
      DefinedJob<{ at: string; list: readonly (number | null)[] }>
    >();
    expectTypeOf(defineJob('any', (_: unknown) => {})).toEqualTypeOf<DefinedJob<unknown>>();
    expectTypeOf<JobPayload<Date | string>>().toEqualTypeOf<string>();
    expectTypeOf<JobPayload<{ a?: URL }>['a']>().toEqualTypeOf<
      'Its toJSON() makes something else of it: declare that' | undefined
    >();
    expect(check).toBeInstanceOf(Function);
  });

  it('is that of the handler, whatever its schedules and `onExhausted` are given', () => {
    type Report = { kind: string };
    const handler = async (_: Report): Promise<void> => {};
    const schedule = { cron: '@daily', payload: { kind: 'daily' } };
    const check = (): void => {
      defineJob('report', handler, { schedule });
      defineJob('report', handler, { schedule: ['@hourly', schedule] });
      defineJob('any', () => {}, { schedule });
      defineJob('parsed', (_: { id: number }) => {}, {
        schema: orderSchema,
        schedule: { cron: '@daily', payload: { id: '7' } },
        onExhausted: ({ payload }) => expectTypeOf(payload).toEqualTypeOf<{ id: string }>(),
      });
      // @ts-expect-error -- a number is no string
      defineJob('report', handler, { schedule: { cron: '@daily', payload: { kind: 7 } } });
      // @ts-expect-error -- a text is no object
      defineJob('report', handler, { schedule: ['@hourly', { cron: '@daily', payload: 'daily' }] });
      defineJob('report', handler, {
        // @ts-expect-error -- a field that it does not have, such as a misspelt one
        schedule: { cron: '@daily', payload: { kind: '', nid: '' } },
      });
      defineJob('parsed', (_: { id: number }) => {}, {
        schema: orderSchema,
        // @ts-expect-error -- the schema takes text
        schedule: { cron: '@daily', payload: { id: 7 } },
      });
      // @ts-expect-error -- its payload is another one
      defineJob('report', handler, { onExhausted: (_: ExhaustedJob<{ id: number }>) => {} });
    };
    expect(check).toBeInstanceOf(Function);
    expectTypeOf(defineJob('report', handler, { schedule })).toEqualTypeOf<DefinedJob<Report>>();
  });

  it('is that of its payload, in `enqueue()` and as a parameter', () => {
    const order = defineJob('order', async (payload: { id: string }) => payload);
    const check = (jobs: DurableJobs): void => {
      void jobs.enqueue(order, { id: '7' });
      // @ts-expect-error -- a number is no string
      void jobs.enqueue(order, { id: 7 });
      // @ts-expect-error -- a field that it does not have, such as a misspelt one
      void jobs.enqueue(order, { id: '7', quantitty: 2 });
      // @ts-expect-error -- it does not take every payload
      const any: DefinedJob<unknown> = order;
      void any;
    };
    expect(check).toBeInstanceOf(Function);
  });
});

describe('defineJob()', () => {
  it.each(['', 'a b', 'a/b', 'a:b', 'ä', 'x'.repeat(65), 7])('refuses the name %p', (name) => {
    expect(() => defineJob(name as string, () => {})).toThrow(/`name` to be 1 to 64 of/);
  });

  it.each([
    [{ retries: -1 }, /`retries` to be a whole number from 0 to 1000, or Infinity/],
    [{ maxBackoff: NaN }, /`maxBackoff` to be milliseconds from 0 to 86400000, or Infinity/],
    [{ backoff: 0.5 }, /`backoff` to be milliseconds from 0/],
    [{ leaseTime: 9_999 }, /`leaseTime` to be milliseconds from 10000/],
    [{ leaseTime: Infinity }, /`leaseTime`/],
    [{ timeout: -1 }, /`timeout`/],
    [{ aliases: 'old' }, /`aliases` to be an array of former names/],
    [{ aliases: ['a b'] }, /`aliases` to be 1 to 64 of/],
    [{ maxBackoff: -1 }, /`maxBackoff` to be milliseconds from 0/],
    [{ schema: {} }, /`schema` to be a Standard Schema/],
    [{ retry: 5 }, /Unknown option `retry`, got 5\. Did you mean `retries`\?/],
    [{ attempts: 5 }, /Did you mean `retries`\?/],
    [{ lease: 5 }, /Did you mean `leaseTime`\?/],
    [{ cron: '@daily' }, /Did you mean `schedule`\?/],
    [{ tz: 'UTC' }, /Did you mean `timezone`\?/],
    [{ group: 'a' }, /Unknown option `group`, got 'a'\. Allowed/],
  ])('refuses %p', (options, message) => {
    expect(() => defineJob('job', () => {}, options as object)).toThrow(message);
  });
});
