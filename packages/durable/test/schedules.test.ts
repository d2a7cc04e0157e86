import {
  defineJob,
  type JobBackend,
  memoryBackend,
  openJobs,
  type Schedule,
} from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { memoryWith, storeOpener } from './support/open-store.ts';
import type { Runs } from './support/runs.ts';

const open = storeOpener();

interface Stored {
  readonly at: string;
  readonly payload: unknown;
  readonly group: string | undefined;
}

/** A store that remembers what is stored, and runs nothing: it looks for no jobs, so that days pass quickly. */
function rememberingStore(): { backend: JobBackend; stored: Stored[] } {
  const stored: Stored[] = [];
  const backend = memoryWith((memory) => ({
    enqueue: async (job) => memory.enqueue(job),
    claim: async (_names, _max, signal) => {
      return new Promise((resolve) => {
        if (signal.aborted) resolve([]);
        signal.addEventListener('abort', () => resolve([]));
      });
    },
    schedules: {
      replace: async (...args) => memory.schedules?.replace(...args) ?? [],
      enqueue: async (job, id, due) => {
        const done = (await memory.schedules?.enqueue(job, id, due)) ?? null;
        const { payload, group } = job;
        if (done !== null) stored.push({ at: new Date().toISOString(), payload, group });
        return done;
      },
    },
    close: async () => undefined,
  }));
  return { backend, stored };
}

/** What a process stores by itself from a time on, the clock being wound forward. */
async function storedBy(
  options: NonNullable<Parameters<typeof defineJob>[2]>,
  from: string,
  hours: number,
  { backend, stored } = rememberingStore(),
): Promise<Stored[]> {
  jest.useFakeTimers({ now: new Date(from), doNotFake: ['setImmediate', 'nextTick'] });
  try {
    const before = stored.length;
    const jobs = await openJobs({ jobs: [defineJob('report', () => {}, options)], backend });
    await jest.advanceTimersByTimeAsync(hours * 3_600_000);
    const closing = jobs.close();
    await jest.advanceTimersByTimeAsync(10_000);
    await closing;
    return stored.slice(before);
  } finally {
    jest.useRealTimers();
  }
}

const atTimes = (stored: readonly Stored[]): string[] => stored.map(({ at }) => at.slice(0, 19));

describe('schedule', () => {
  it('stores a job at each time that is due, in UTC by default', async () => {
    const stored = await storedBy({ schedule: '0 3 * * *' }, '2026-05-01T02:59:00Z', 49);
    expect(atTimes(stored)).toEqual([
      '2026-05-01T03:00:00',
      '2026-05-02T03:00:00',
      '2026-05-03T03:00:00',
    ]);
    expect(stored[0]?.payload).toEqual({});
  });

  it.each([
    // The clocks of Berlin skip 02:30 on March 29, and show it twice on October 25.
    ['2026-03-28T00:00:00Z', ['2026-03-28T01:30:00', '2026-03-29T01:30:00', '2026-03-30T00:30:00']],
    ['2026-10-24T00:00:00Z', ['2026-10-24T00:30:00', '2026-10-25T00:30:00', '2026-10-26T01:30:00']],
  ])('is due once a day where the clocks change: %s', async (from, times) => {
    const options = { schedule: '30 2 * * *', timezone: 'Europe/Berlin' };
    expect(atTimes(await storedBy(options, from, 72))).toEqual(times);
  });

  it.each([
    // At 15:00 UTC the clocks go back by half an hour, from 2:00 to 1:30.
    ['Australia/Lord_Howe', ['13:00', '14:00', '15:30', '16:30', '17:30']],
    // At 14:00 UTC they go back from 3:45 to 2:45.
    ['Pacific/Chatham', ['13:15', '14:15', '15:15', '16:15', '17:15']],
  ])(
    'goes on hourly where the clocks change at an odd time or by an odd one: %s',
    async (timezone, times) => {
      const options = { schedule: '0 * * * *', timezone };
      const stored = await storedBy(options, '2026-04-04T12:30:00Z', 5);
      expect(atTimes(stored).map((at) => at.slice(11, 16))).toEqual(times);
    },
  );

  it('may be several, each with a time zone and a payload of its own', async () => {
    const schedule: Schedule[] = [
      { cron: '0 9 * * 1-5', timezone: 'America/New_York', payload: { office: 'NY' } },
      { cron: '0 9 * * 1-5', payload: { office: 'Berlin' } },
    ];
    const stored = await storedBy(
      { schedule, timezone: 'Europe/Berlin' },
      '2026-05-01T00:00:00Z', // a Friday
      80,
    );
    expect(stored.map(({ at, payload }) => [at.slice(0, 16), payload])).toEqual([
      ['2026-05-01T07:00', { office: 'Berlin' }],
      ['2026-05-01T13:00', { office: 'NY' }],
      ['2026-05-04T07:00', { office: 'Berlin' }],
    ]);
  });

  it('may give its jobs a group, which `perKey` of the definition counts', async () => {
    const schedule = ['berlin', 'rome', undefined].map((group) => ({ cron: '0 9 * * *', group }));
    const stored = await storedBy({ perKey: 1, schedule }, '2026-05-01T00:00:00Z', 24);
    expect(stored.map(({ group }) => group)).toEqual(['berlin', 'rome', undefined]);
  });

  it.each([
    [{ schedule: { cron: '@daily', group: 'a' } }, /`schedule.group` is of no use to report/],
    [
      { perKey: 1, schedule: [{ cron: '@daily', group: '' }] },
      /`schedule\[0\].group` to be 1 to 200/,
    ],
    [{ perKey: 1, schedule: { cron: '@daily', groop: 'a' } }, /Did you mean `group`\?/],
  ])('is refused: %p', (options, message) => {
    expect(() => defineJob('report', () => {}, options as object)).toThrow(message);
  });

  it('may have seconds', async () => {
    const stored = await storedBy({ schedule: '*/20 * * * * *' }, '2026-05-01T00:00:01Z', 1 / 60);
    expect(atTimes(stored)).toEqual([
      '2026-05-01T00:00:20',
      '2026-05-01T00:00:40',
      '2026-05-01T00:01:00',
    ]);
  });

  it.each([
    ['one', ['2026-05-03T12:00:00', '2026-05-03T13:00:00']],
    ['none', ['2026-05-03T13:00:00']],
  ] as const)('missed while no process ran: %s', async (missed, times) => {
    const options = { schedule: { cron: '0 * * * *', missed } };
    // The memory outlives the process here.
    const store = rememberingStore();
    await storedBy(options, '2026-05-01T00:00:01Z', 2, store);
    const stored = await storedBy(options, '2026-05-03T12:00:00Z', 1.5, store);
    // The job of 12:00 is that of all times before; it is stored at once.
    expect(atTimes(stored)).toEqual(times);
  });

  it('of another definition replaces the former one, and none ends it', async () => {
    const store = rememberingStore();
    await storedBy({ schedule: '0 * * * *' }, '2026-05-01T00:00:01Z', 2, store);
    const changed = await storedBy({ schedule: '30 * * * *' }, '2026-05-02T00:00:00Z', 2, store);
    expect(atTimes(changed)).toEqual(['2026-05-02T00:30:00', '2026-05-02T01:30:00']);
    expect(await storedBy({}, '2026-05-03T00:00:00Z', 3, store)).toEqual([]);
    // It begins anew: nothing was missed meanwhile.
    const again = await storedBy({ schedule: '30 * * * *' }, '2026-05-04T00:00:00Z', 1, store);
    expect(atTimes(again)).toEqual(['2026-05-04T00:30:00']);
  });

  it('is stored late where the store was down, and that is reported once', async () => {
    let isDown = true;
    let tries = 0;
    const backend = memoryWith((memory) => ({
      schedules: {
        replace: async (...args) => memory.schedules?.replace(...args) ?? [],
        enqueue: async (...args) => {
          tries += 1;
          if (isDown) throw new Error('The store is down');
          return memory.schedules?.enqueue(...args) ?? null;
        },
      },
    }));
    const ran: number[] = [];
    const job = defineJob('tick', () => void ran.push(Date.now()), { schedule: '* * * * * *' });
    const { reported } = await open({ job } as unknown as Runs, { backend });
    await until(() => tries === 2);
    isDown = false;
    await until(() => ran.length >= 3);
    expect(reported.map(({ exception }) => String(exception))).toEqual([
      expect.stringMatching(/does not answer: The store is down$/),
    ]);
  });

  it('is for processes that run jobs: one that only stores them has none', async () => {
    const stored: unknown[] = [];
    const backend = memoryWith(() => ({
      schedules: {
        replace: async (...args) => (stored.push(args), []),
        enqueue: async (...args) => (stored.push(args), null),
      },
    }));
    const job = defineJob('tick', () => {}, { schedule: '* * * * * *' });
    await open({ job } as unknown as Runs, { backend, work: false });
    expect(stored).toEqual([]);
  });

  it('is refused by a store that cannot remember it, at openJobs()', () => {
    const backend = memoryWith(() => ({ schedules: undefined, description: 'My store' }));
    const job = defineJob('tick', () => {}, { schedule: '@daily' });
    const opening = () => openJobs({ jobs: [job], backend });
    expect(opening).toThrow('My store does not support schedules (of the job tick)');
    expect(opening).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }));
  });

  it('has a payload that the schema has to allow, when the store is opened', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: () => ({ issues: [{ message: 'no order' }] }),
      },
    };
    const job = defineJob('order', () => {}, { schedule: '@daily', schema });
    const opening = openJobs({ jobs: [job], backend: memoryBackend() });
    await expect(opening).rejects.toMatchObject({ code: 'ERR_JOB_PAYLOAD' });
  });

  it('whose schema throws is no fault of the store: openJobs() rejects with what was thrown', async () => {
    const fault = new Error('The directory of customers is down');
    const validate = async () => Promise.reject(fault);
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate } };
    const job = defineJob('order', () => {}, { schedule: '@daily', schema });
    const opened: unknown[] = [];
    const backend = memoryWith(() => ({ open: async (specs) => void opened.push(specs) }));
    await expect(openJobs({ jobs: [job], backend })).rejects.toBe(fault);
    expect(opened).toEqual([]);
  });

  it.each<[unknown, unknown, RegExp]>([
    ['every day', undefined, /`schedule` to be five fields.*every day/],
    ['* * *', undefined, /`schedule` to be five fields/],
    ['* * * * * * *', undefined, /`schedule` to be five fields/],
    ['61 * * * *', undefined, /`schedule`.*range 0-59/],
    ['0 0 30 2 *', undefined, /`schedule`.*day of month/],
    ['@sometimes', undefined, /`schedule`/],
    ['', undefined, /`schedule`/],
    [3, undefined, /`schedule` to be cron expressions/],
    [null, undefined, /`schedule`/],
    [['@daily', 'x y'], undefined, /`schedule\[1\]`/],
    [{}, undefined, /`schedule\.cron`/],
    [{ corn: '@daily' }, undefined, /Did you mean `cron`/],
    [{ cron: '@daily', missed: 'all' }, undefined, /`schedule\.missed`.*'one' or 'none'/],
    [[{ cron: '@daily', timezone: 'Mars' }], undefined, /`schedule\[0\]\.timezone`.*Mars/],
    [['@daily', '@daily'], undefined, /Two of the `schedule` are the same/],
    [{ cron: '@daily', payload: new Map() }, undefined, /Map/],
    ['@daily', 'Europe/Berln', /`timezone` to be an IANA time zone/],
    ['@daily', 1, /`timezone`/],
    [undefined, 'Europe/Berlin', /`timezone` is of no use without a `schedule`/],
  ])('is checked when the job is defined: %p %p', (schedule, timezone, message) => {
    const define = () => defineJob('job', () => {}, { schedule, timezone } as never);
    expect(define).toThrow(message);
  });
});
