import { Scheduler, type SchedulerOptions } from '@outlive/core';
import type * as durable from '@outlive/durable';

/** What is said when a job runs twice on a scheduler without a store, in a process that has said nothing so far. */
async function saidBy(options: SchedulerOptions, environment: string): Promise<string[]> {
  const before = process.env['NODE_ENV'];
  const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  process.env['NODE_ENV'] = environment;
  try {
    await using scheduler = new Scheduler(options);
    await jest.isolateModulesAsync(async () => {
      const { defineJob } = jest.requireActual<typeof durable>('@outlive/durable');
      for (const name of ['first', 'second']) {
        const spawn = scheduler.spawn.bind(scheduler);
        await defineJob(name, () => {}).spawnOn({ scheduler, spawn } as never, {});
      }
    });
    return emitWarning.mock.calls.map(([message, details]) => JSON.stringify([message, details]));
  } finally {
    process.env['NODE_ENV'] = before;
    emitWarning.mockRestore();
  }
}

describe('a defined job that runs without a store', () => {
  it.each(['production', ''])('says so, once in a process (NODE_ENV=%s)', async (environment) => {
    const said = await saidBy({}, environment);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/The job first runs in this process alone.*await openJobs\(\)/);
    expect(said[0]).toMatch(/OUTLIVE_LOCAL_JOB/);
  });

  it('says nothing in tests, and where the scheduler is meant to run such jobs', async () => {
    expect(await saidBy({}, 'test')).toEqual([]);
    expect(await saidBy({ localJobs: true }, 'production')).toEqual([]);
  });

  it('is meant by a boolean alone', () => {
    const options = { localJobs: 'yes' } as unknown as SchedulerOptions;
    expect(() => new Scheduler(options)).toThrow("Expected `localJobs` to be a boolean, got 'yes'");
  });
});

describe('a scheduler with a store, of another copy of this package', () => {
  it('is asked to store the job, which it may refuse: the job does not run unstored', async () => {
    const { defineJob } = jest.requireActual<typeof durable>('@outlive/durable');
    const handler = jest.fn();
    const enqueue = jest.fn(() => {
      throw new TypeError('Expected `job` to be one of the jobs that openJobs() was given');
    });
    const spawned = defineJob('copied', handler).spawnOn({ scheduler: { enqueue } } as never, {});
    await expect(spawned).rejects.toThrow('one of the jobs that openJobs() was given');
    expect(handler).not.toHaveBeenCalled();
  });
});
