import { defineJob, memoryBackend, openJobs, type OpenJobsOptions } from '@outlive/durable';
import { down, memoryWith } from './support/open-store.ts';

describe('openJobs()', () => {
  const job = defineJob('job', () => {});

  it.each<[Partial<Record<keyof OpenJobsOptions, unknown>>, RegExp]>([
    [{ jobs: [job] }, /`store` to be a directory or a postgres: or redis: URL, got undefined/],
    [{ jobs: [job], store: '' }, /`store` to be/],
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

  it('closes the backend that it could not open', async () => {
    const close = jest.fn(async () => {});
    const backend = memoryWith(() => ({ open: down, close }));
    await expect(openJobs({ jobs: [job], backend })).rejects.toThrow('The store is down');
    expect(close).toHaveBeenCalledTimes(1);
  });
});
