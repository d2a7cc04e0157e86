import type { DefinedJob, DurableJobs } from '@outlive/durable';

/** Stores a job in a transaction in which a statement fails that nobody looks at. */
export async function expectNothingStored(
  jobs: DurableJobs,
  job: DefinedJob<object>,
): Promise<void> {
  const broken = jobs.transaction(async (tx) => {
    await jobs.enqueue(job, {}, { tx });
    await tx.query('select 1 / 0').catch(() => {});
  });
  await expect(broken).rejects.toMatchObject({
    code: 'ERR_JOB_STORE',
    cause: { message: 'division by zero' },
  });
  expect((await jobs.depth())[job.name]).toEqual({ ready: 0, active: 0, failed: 0 });
}
