import { format, inspect, type InspectOptions } from 'node:util';
import { type Job, type JobContext, Scheduler } from '@outlive/core';
import { obedient, stubborn } from './support/functions.ts';
import { nothing } from './support/report.ts';
import { settled } from './support/settled.ts';
import { fakeTimers } from './support/timers.ts';
import { listeningScheduler } from './support/told.ts';

const publicNames = new Set(
  (
    'id name signal drainSignal state outcome pending active closed spawnedAt startedAt ' +
    'limit pendingLimit waitTimeout closeTimeout exceptionHandler size activeCount pendingCount'
  ).split(' '),
);

/** That a text shows no field of an object but the public ones, and none of the machinery. */
function expectNoInnerFields(text: string, value: object): void {
  const inner = Object.getOwnPropertyNames(value).filter((key) => !publicNames.has(key));
  expect(inner.filter((key) => new RegExp(`\\b${key}:`).test(text))).toEqual([]);
  expect(text).not.toMatch(/Symbol\(|\[Function|\[Circular|Promise \{|AbortController|WeakRef|#\w/);
}

/** One job in each state, as `[words that it has to print, job]`. */
async function jobsOfAllKinds(): Promise<[string[], Job][]> {
  const { scheduler } = listeningScheduler({ limit: 4 });
  const active = scheduler.spawnNow(stubborn, { name: 'send' });
  const closing = scheduler.spawnNow(stubborn, { name: 'stuck' });
  void closing.close({ timeout: Infinity });
  const completed = scheduler.spawnNow(() => 7, { name: 'sum' });
  const failed = scheduler.spawnNow(() => Promise.reject(new Error('boom')), { name: 'mail' });
  const cancelled = scheduler.spawnNow(obedient, { name: 'poll' });
  await cancelled.close();
  await failed.wait().catch(() => {});
  const nameless = scheduler.spawnNow(stubborn);
  const pending = scheduler.spawnNow(stubborn, { name: 'late', after: stubborn() });
  return [
    [['send', 'active'], active],
    [['stuck', 'closing'], closing],
    [['sum', 'completed'], completed],
    [['mail', 'failed'], failed],
    [['poll', 'cancelled'], cancelled],
    [['active'], nameless],
    [['late', 'pending'], pending],
  ];
}

describe('a job that is printed', () => {
  it('shows id, name, state and outcome, and no inner fields', async () => {
    for (const [words, job] of await jobsOfAllKinds()) {
      const text = inspect(job);
      expect(text).toMatch(/\bJob\b/);
      expect(text).toMatch(new RegExp(`\\b${job.id}\\b`));
      for (const word of words) expect(text).toContain(word);
      expect(text).not.toMatch(/undefined|JobRecord/);
      expect(text.length).toBeLessThan(120);
      expectNoInnerFields(text, job);
    }
  });

  it('shows its age', () => {
    jest.useFakeTimers({ now: 1_000 });
    try {
      const job = new Scheduler().spawnNow(stubborn, { name: 'send' });
      jest.advanceTimersByTime(250);
      expect(inspect(job)).toMatch(/\b250 ?ms\b/);
      jest.advanceTimersByTime(41_750);
      expect(inspect(job)).toMatch(/\b42(\.0)? ?s\b|\b42000 ?ms\b|\b42,000 ?ms\b/);
    } finally {
      jest.useRealTimers();
    }
  });

  it('is the same where its function prints what it is given', () => {
    jest.useFakeTimers();
    let seen: JobContext | undefined;
    const job = new Scheduler().spawnNow(
      (self) => {
        seen = self;
        return stubborn();
      },
      { name: 'send' },
    );
    expect(inspect(seen)).toBe(inspect(job));
    jest.useRealTimers();
  });

  it('makes no signal and changes nothing', async () => {
    const job = new Scheduler().spawnNow(async () => 1);
    const before = JSON.stringify(Object.keys(job));
    const made = jest.spyOn(globalThis, 'AbortController');
    inspect(job, { showHidden: true, depth: Infinity });
    expect(made).not.toHaveBeenCalled();
    made.mockRestore();
    expect(JSON.stringify(Object.keys(job))).toBe(before);
    expect(await job.wait()).toBe(1);
  });

  it.each<[string, InspectOptions]>([
    ['depth 0', { depth: 0 }],
    ['depth -1', { depth: -1 }],
    ['no limit of depth', { depth: Infinity }],
    ['compact', { compact: true }],
    ['not compact', { compact: false }],
    ['a narrow line', { breakLength: 20 }],
    ['getters', { getters: true }],
    ['colors', { colors: true }],
    ['hidden fields', { showHidden: true }],
  ])('is as readable with %s', (_, options) => {
    const job = new Scheduler().spawnNow(stubborn, { name: 'send' });
    const holders = [[job], { job }, new Map([[job, job]]), new Set([job])];
    for (const value of [job, ...(options.depth === -1 ? [] : holders)]) {
      const text = inspect(value, options);
      // Where the depth is used up, there may be no room for more than this.
      expect(text).toMatch(options.depth === -1 || options.depth === 0 ? /Job/ : /Job.*send/s);
      expectNoInnerFields(text, job);
    }
  });

  it('is as readable nested, in a console line and in an error that it is a part of', () => {
    const job = new Scheduler().spawnNow(stubborn, { name: 'send' });
    const error = Object.assign(new Error('boom'), { job });
    for (const text of [
      inspect({ jobs: [job] }),
      format('%o', job),
      format('%O', job),
      format('stuck:', job),
      format('%s', job),
      inspect(error),
    ]) {
      expect(text).toContain('Job');
      expect(text).toContain('send');
      expectNoInnerFields(text, job);
    }
  });

  it('may have a name of whatever kind of text', () => {
    const scheduler = new Scheduler();
    for (const name of ['', "o'clock", 'two\nlines', '%s', '\u001b[31mred']) {
      const text = inspect(scheduler.spawnNow(stubborn, { name }), { breakLength: Infinity });
      expect(text.split('\n')).toHaveLength(1);
      expect(text).not.toContain('\u001b');
    }
  });
});

describe('a scheduler that is printed', () => {
  it('shows its name, its counts and whether it is closed, and no inner fields', async () => {
    const scheduler = new Scheduler({ name: 'web', limit: 3 });
    for (let job = 0; job < 5; job += 1) scheduler.spawnNow(obedient);
    void scheduler.shield(Promise.resolve());
    const text = inspect(scheduler);
    expect(text).toMatch(/^Scheduler\b/);
    expect(text).toContain('web');
    expect(text).toMatch(/\b3\b/);
    expect(text).toMatch(/\b2\b/);
    expectNoInnerFields(text, scheduler);
    expect(text.length).toBeLessThan(200);
    const before = /closed/.exec(text) === null || /closed: false/.test(text);
    expect(before).toBe(true);
    await scheduler.close();
    expect(inspect(scheduler)).toMatch(/closed(?!: false)/);
  });

  it.each<InspectOptions>([
    { depth: 0 },
    { depth: Infinity },
    { compact: true },
    { compact: false },
    { showHidden: true },
  ])('is as readable with %p', (options) => {
    const scheduler = new Scheduler({ name: 'web' });
    scheduler.spawnNow(stubborn);
    for (const value of [scheduler, { scheduler }, [scheduler]]) {
      const text = inspect(value, options);
      expect(text).toContain('Scheduler');
      expectNoInnerFields(text, scheduler);
    }
  });

  it('without a name says nothing of one', () => {
    expect(inspect(new Scheduler())).not.toContain('undefined');
  });
});

describe('a report that is printed', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('shows its counts and each job in its list', async () => {
    fakeTimers();
    const { scheduler } = listeningScheduler({ limit: 3, closeTimeout: 1 });
    scheduler.spawnNow(async () => settled(), { name: 'sum' });
    scheduler.spawnNow(obedient, { name: 'poll' });
    const stuck = scheduler.spawnNow(stubborn, { name: 'stuck' });
    scheduler.spawnNow(stubborn, { name: 'late' });
    scheduler.pause();
    const drained = scheduler.drain({ timeout: 20 });
    await settled();
    await jest.advanceTimersByTimeAsync(21);
    const report = await drained;
    expect(report).toMatchObject({
      ...nothing,
      completed: 1,
      cancelled: [{ name: 'poll' }],
      neverStarted: [{ name: 'late' }],
      abandoned: [stuck],
    });
    for (const options of [{}, { compact: false }, { depth: Infinity }]) {
      const text = inspect(report, options);
      expect(text).toMatch(/completed: 1/);
      expect(text).toMatch(/cancelled: \[\s*Job\b[^\]]*poll[^\]]*cancelled/);
      expect(text).toMatch(/neverStarted: \[\s*Job\b[^\]]*late/);
      expect(text).toMatch(/abandoned: \[\s*Job\b[^\]]*stuck[^\]]*closing/);
      expectNoInnerFields(text, stuck);
    }
  });
});

describe('JSON.stringify()', () => {
  it('writes a job as its id, name, state, outcome and times', async () => {
    for (const [, job] of await jobsOfAllKinds()) {
      const { id, name, state, outcome, spawnedAt, startedAt } = job;
      const fields = { id, name, state, outcome, spawnedAt, startedAt };
      expect(JSON.parse(JSON.stringify(job))).toEqual(JSON.parse(JSON.stringify(fields)));
    }
  });

  it('writes what a job’s function and a shielded function are given', async () => {
    const scheduler = new Scheduler();
    const job = await scheduler.spawnNow((self) => JSON.stringify(self)).wait();
    expect(JSON.parse(job)).toMatchObject({ id: 1, state: 'active' });
    const shield = await scheduler.shield((self) => JSON.stringify(self));
    expect(JSON.parse(shield)).toEqual({ id: 2, closed: false });
  });

  it('writes a report, with the jobs in it', async () => {
    const { scheduler, told } = listeningScheduler({ limit: 3, closeTimeout: 1 });
    scheduler.spawnNow(obedient, { name: 'poll' });
    scheduler.spawnNow(stubborn, { name: 'stuck' });
    void scheduler.shield(stubborn);
    scheduler.spawnNow(stubborn, { name: 'late', after: stubborn() });
    const report = await scheduler.drain({ timeout: 1 });
    const written = JSON.parse(JSON.stringify(report)) as unknown;
    expect(written).toMatchObject({
      completed: 0,
      failed: 0,
      cancelled: [{ name: 'poll', outcome: 'cancelled' }],
      neverStarted: [{ name: 'late', outcome: 'cancelled' }],
      abandoned: [{ name: 'stuck', state: 'closing' }],
      shields: 1,
    });
    expect((report as unknown as { toJSON: () => unknown }).toJSON()).toEqual(written);
    expect(JSON.stringify({ log: { report } })).toContain('"stuck"');
    expect(Object.keys(report)).not.toContain('toJSON');
    // What a handler is given is logged in the same way.
    expect(JSON.parse(JSON.stringify(told[0]))).toMatchObject({ job: { name: 'stuck' } });
  });
});

describe('a shielded function’s context that is printed', () => {
  it('shows its id and no inner fields', async () => {
    const shield = await new Scheduler().shield((self) => self);
    expect(inspect(shield)).toBe('Shield { id: 1, closed: true }');
    expectNoInnerFields(inspect(shield), shield);
    expect(inspect({ a: { b: { c: { shield } } } })).toContain('[Object]');
    expect(inspect([shield], { depth: 0 })).toBe('[ [Shield 1] ]');
  });
});
