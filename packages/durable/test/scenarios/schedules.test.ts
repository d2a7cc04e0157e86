/* oxlint-disable jest/no-standalone-expect -- it does not know the `it` of testsAtOnce() */
import { defineJob, type DurableJobs, openJobs } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { backendOf } from '../support/backend-of.ts';
import { describeStores } from '../support/stores.ts';
import { testsAtOnce } from '../support/tests-at-once.ts';

describeStores('schedules of several processes', (start) => {
  const it = testsAtOnce(start);

  it('store one job for each time that is due, and one that a later deploy drops stores none', async (server) => {
    /** The times for which a process has stored a job, and the jobs that ran. */
    const [due, ran] = [new Map<string, number[]>(), new Set<string>()];
    let runs = 0;
    const open = async (cron: string): Promise<DurableJobs> => {
      const backend = backendOf(server.url, 'schedules');
      const { schedules } = backend;
      if (schedules === undefined) throw new Error('unreachable');
      Object.assign(backend, {
        schedules: {
          replace: schedules.replace,
          enqueue: async (...args: Parameters<typeof schedules.enqueue>) => {
            const id = await schedules.enqueue(...args);
            if (id !== null) due.set(cron, [...(due.get(cron) ?? []), args[2]]);
            return id;
          },
        },
      });
      const job = defineJob(
        'tick',
        (_: object, { id }) => {
          ran.add(id);
          runs += 1;
        },
        { schedule: cron },
      );
      return openJobs({ jobs: [job], backend });
    };
    const timesOf = (cron: string): number[] => (due.get(cron) ?? []).toSorted((a, b) => a - b);

    const first = await Promise.all([open('* * * * * *'), open('* * * * * *')]);
    await until(() => timesOf('* * * * * *').length >= 4);

    // The next deploy has another one, while the processes of the first still run.
    const second = await open('*/2 * * * * *');
    const replacedAt = Date.now();
    await until(() => timesOf('*/2 * * * * *').length >= 2);
    await Promise.all([...first, second].map(async (jobs) => jobs.waitAndClose()));
    const times = timesOf('* * * * * *');
    expect(times).toEqual(times.map((_, index) => (times[0] ?? 0) + 1_000 * index));
    expect(times.at(-1)).toBeLessThanOrEqual(replacedAt);
    expect(runs).toBe(ran.size);
  });
});
