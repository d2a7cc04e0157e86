import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { memoryWith, storeOpener } from './support/open-store.ts';
import { Runs } from './support/runs.ts';

const open = storeOpener();

const settle = async (): Promise<void> => {
  for (let count = 0; count < 5; count += 1) await new Promise(setImmediate);
};

describe('limit of a definition', () => {
  it('holds in this process; a slot that is left goes to other jobs', async () => {
    const [few, many] = [new Runs('few', { limit: 2 }), new Runs('many')];
    await using jobs = await openJobs({
      jobs: [few.job, many.job],
      backend: memoryBackend(),
      limit: 10,
    });
    await jobs.enqueueMany(few.job, [1, 2, 3, 4, 5]);
    await jobs.enqueueMany(many.job, [1, 2, 3]);
    await many.begun(3);
    await few.begun(2);
    await settle();
    expect(few.all).toHaveLength(2);
    for (let count = 1; count <= 3; count += 1) {
      few.all[count - 1]?.end();
      await few.begun(count + 2);
      await settle();
      expect(few.all).toHaveLength(count + 2);
    }
    for (const { end } of [...few.all, ...many.all]) end();
  });

  it('lets the next job start as soon as one has ended, though a claim for others is waiting', async () => {
    const [few, other] = [new Runs('few', { limit: 1 }), new Runs('other')];
    const asked: string[][] = [];
    // A claim that waits for a job without end.
    const backend = memoryWith((memory) => ({
      async claim(names, max, signal, limits) {
        asked.push([...names]);
        for (;;) {
          const leases = await memory.claim(names, max, signal, limits);
          if (leases.length > 0 || signal.aborted) return leases;
        }
      },
    }));
    await using jobs = await openJobs({ jobs: [few.job, other.job], backend });
    await jobs.enqueueMany(few.job, [1, 2]);
    const first = await few.begun();
    await until(() => asked.at(-1)?.join() === 'other');
    first.end();
    await few.begun(2);
    few.all[1]?.end();
  });

  it('holds for all names of a definition together', async () => {
    const old = defineJob('old', () => {});
    // Opened twice: as by two deploys.
    const backend = memoryWith(() => ({ close: async () => undefined }));
    const before = await openJobs({ jobs: [old], backend, work: false });
    await before.enqueueMany(old, [{}, {}, {}] as never[]);
    const runs = new Runs('new', { limit: 1, aliases: ['old'] });
    const jobs = await openJobs({ jobs: [runs.job], backend });
    await jobs.enqueueMany(runs.job, [1, 2]);
    for (let count = 1; count <= 5; count += 1) {
      await runs.begun(count);
      await settle();
      expect(runs.all).toHaveLength(count);
      runs.all[count - 1]?.end();
    }
    await jobs.close();
  });
});

describe('perKey', () => {
  it('holds back the jobs of a group', async () => {
    const runs = new Runs('held', { perKey: 1 });
    const { jobs } = await open(runs);
    for (const [payload, group] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
    ] as const) {
      await jobs.enqueue(runs.job, payload, { group });
    }
    await runs.begun(2);
    await settle();
    expect(runs.all.map(({ payload }) => payload)).toEqual(['a1', 'b1']);
    runs.all[0]?.end();
    expect((await runs.begun(3)).payload).toBe('a2');
  });
});

describe('rate', () => {
  it('lets so many start in any window', async () => {
    let starts = 0;
    const job = defineJob('mail', () => void (starts += 1), {
      rate: { starts: 3, per: 3_600_000 },
    });
    const backend = memoryBackend();
    const { jobs } = await open({ job } as unknown as Runs, { backend });
    const startsAfter = async (minutes: number): Promise<number> => {
      backend.advance(minutes * 60_000);
      await jobs.runPending();
      return starts;
    };
    await jobs.enqueue(job, {});
    expect(await startsAfter(0)).toBe(1);
    expect(await startsAfter(20)).toBe(1);
    await jobs.enqueueMany(
      job,
      Array.from({ length: 7 }, () => ({})),
    );
    expect(await startsAfter(0)).toBe(3);
    expect(await startsAfter(20)).toBe(3);
    // The first one is an hour ago, the next two are not.
    expect(await startsAfter(20)).toBe(4);
    expect(await startsAfter(20)).toBe(6);
    expect(await startsAfter(30)).toBe(6);
    expect(await startsAfter(10)).toBe(7);
    expect(await startsAfter(20)).toBe(8);
  });
});

describe('jobs of many names', () => {
  it('take turns: one waits for no forty slow ones of another name', async () => {
    const [slow, quick] = [new Runs('slow'), new Runs('quick')];
    await using jobs = await openJobs({
      jobs: [slow.job, quick.job],
      backend: memoryBackend(),
      limit: 4,
    });
    await jobs.enqueueMany(
      slow.job,
      Array.from({ length: 40 }, () => ({})),
    );
    await slow.begun(4);
    await jobs.enqueue(quick.job, {});
    for (const [index, { end }] of slow.all.slice(0, 2).entries()) {
      end();
      await until(() => slow.all.length + quick.all.length === 5 + index);
    }
    expect(quick.all).toHaveLength(1);
    const closing = jobs.close();
    for (const { end } of [...slow.all, ...quick.all]) end();
    await closing;
  });
});

describe('limits of a definition', () => {
  it.each([
    [{ limit: 0 }, /`limit`.*from 1/],
    [{ limit: 1.5 }, /`limit`/],
    [{ limit: '5' }, /`limit`/],
    [{ perKey: -1 }, /`perKey`/],
    [{ perKey: null }, /`perKey`/],
    [{ rate: 5 }, /`rate` to be \{ starts, per \}/],
    [{ rate: { starts: 5 } }, /`rate\.per`/],
    [{ rate: { starts: 0, per: 5 } }, /`rate\.starts`/],
    [{ rate: { starts: 1, per: 5, burst: 1 } }, /`burst`/],
  ])('are checked when the job is defined: %p', (options, message) => {
    expect(() => defineJob('job', () => {}, options as never)).toThrow(message);
  });

  it('may be Infinity: none', () => {
    const job = defineJob('job', () => {}, { limit: Infinity, perKey: Infinity });
    const backend = memoryWith(() => ({ features: [] }));
    expect(
      () => void openJobs({ jobs: [job], backend }).then((jobs) => jobs.close()),
    ).not.toThrow();
  });

  it.each([
    [{ perKey: 1 }, 'perKey'],
    [{ rate: { starts: 1, per: 1_000 } }, 'rate'],
  ])('are refused by a store that cannot do it, at openJobs(): %p', (options, feature) => {
    const job = defineJob('job', () => {}, options);
    const backend = memoryWith(() => ({ features: undefined, description: 'My store' }));
    const opening = () => openJobs({ jobs: [job], backend });
    expect(opening).toThrow(`My store does not support ${feature} (of the job job)`);
    expect(opening).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED' }));
  });

  it.each([
    [{ perKey: 1 }, 'redis://127.0.0.1:1', 'perKey'],
    [{ rate: { starts: 1, per: 1_000 } }, 'postgres://127.0.0.1:1/x', 'rate'],
    [{ rate: { starts: 1, per: 1_000 } }, '.unused', 'rate'],
  ])('are refused before any connection: %p by %s', (options, store, feature) => {
    const job = defineJob('job', () => {}, options);
    expect(() => openJobs({ jobs: [job], store })).toThrow(
      expect.objectContaining({
        code: 'ERR_UNSUPPORTED',
        message: expect.stringContaining(feature),
      }),
    );
  });
});
