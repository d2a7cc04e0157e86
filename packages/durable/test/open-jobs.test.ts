import { defineJob, memoryBackend, openJobs, type OpenJobsOptions } from '@outlive/durable';
import { down, memoryWith } from './support/open-store.ts';

describe('openJobs()', () => {
  const job = defineJob('job', () => {});

  it.each<[Partial<Record<keyof OpenJobsOptions, unknown>>, RegExp]>([
    [
      { jobs: [job] },
      /`store` to be a directory, or a URL that begins with postgres:.*, got undefined/,
    ],
    [{ jobs: [job], store: '' }, /`store` to be/],
    [{ jobs: [job], store: ' ' }, /`store` to be/],
    [{ jobs: [job], store: Promise.resolve('.jobs') }, /`store` to be.*Promise/],
    [{ jobs: [job], backend: Promise.resolve(memoryBackend()) }, /`backend` to be.*Promise/],
    [{ jobs: [job], store: 'x', backend: memoryBackend() }, /not both/],
    [{ jobs: [job], backend: {} }, /`backend` to be/],
    [{ jobs: [() => {}], backend: memoryBackend() }, /`jobs` to be/],
    [{ jobs: [{ ...job }], backend: memoryBackend() }, /`jobs` to be/],
    [{ jobs: [job, defineJob('job', () => {})], backend: memoryBackend() }, /named 'job'/],
    [{ jobs: [job], backend: memoryBackend(), work: 1 }, /`work` to be a boolean/],
    [{ jobs: [job], backend: memoryBackend(), limit: 0 }, /`limit` to be/],
  ])('refuses %p', (options, message) => {
    expect(() => openJobs(options as unknown as OpenJobsOptions)).toThrow(message);
  });

  it('runs what was stored under a former name of a job', async () => {
    const backend = memoryBackend();
    const before = defineJob('before', (_: { n: number }) => {});
    const producer = await openJobs({ jobs: [before], backend, work: false });
    await producer.enqueue(before, { n: 1 });
    const ran: number[] = [];
    const after = defineJob('after', ({ n }: { n: number }) => void ran.push(n), {
      aliases: ['before'],
    });
    await using jobs = await openJobs({ jobs: [after], backend });
    await jobs.enqueue(after, { n: 2 });
    while (ran.length < 2) await new Promise(setImmediate);
    expect(ran.toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(() => openJobs({ jobs: [after, before], backend })).toThrow(/named 'before'/);
  });

  it('names the store that cannot be opened, and keeps the reason', async () => {
    const reason = new Error('connect ECONNREFUSED');
    const open = async (): Promise<never> => {
      throw reason;
    };
    const backend = memoryWith(() => ({ open, description: 'redis://cache:6379' }));
    await expect(openJobs({ jobs: [job], backend })).rejects.toMatchObject({
      name: 'JobStoreError',
      code: 'ERR_JOB_STORE',
      message: 'redis://cache:6379 cannot be opened: connect ECONNREFUSED',
      cause: reason,
    });
  });

  it('closes the backend that it could not open', async () => {
    const close = jest.fn(async () => {});
    const backend = memoryWith(() => ({ open: down, close }));
    await expect(openJobs({ jobs: [job], backend })).rejects.toThrow('The store is down');
    expect(close).toHaveBeenCalledTimes(1);
  });
});
