import type { SchedulerOptions } from '@outlive/core';
import { expected, resolveSchedulerOptions } from '@outlive/core/internal';
import type { JobBackend } from './backend.ts';
import { bullmqBackend } from './engines/bullmq/factory.ts';
import { DefinedJob } from './define-job.ts';
import { DurableJobs } from './durable-jobs.ts';
import { pgliteBackend } from './engines/pg-boss/pglite.ts';
import { postgresBackend } from './engines/pg-boss/postgres.ts';

/** Options of {@link openJobs}: those of a scheduler, the jobs, and where they are kept. */
export interface OpenJobsOptions extends SchedulerOptions {
  /** All jobs that this process stores or runs. */
  readonly jobs: readonly DefinedJob<never>[];
  /**
   * A directory: PGlite in it, for one process at a time. Or, for any number of processes, the URL of a
   * database, which begins with `postgres:` or `postgresql:`, or of a Redis, with `redis:` or `rediss:`.
   */
  readonly store?: string | undefined;
  /** Another backend, in place of `store`. */
  readonly backend?: JobBackend | undefined;
  /**
   * Whether this process runs jobs. `false`: it only stores them, for others to run.
   * @defaultValue `true`
   */
  readonly work?: boolean | undefined;
}

/**
 * Opens a store of durable jobs, and runs what is in it. Give the result to `jobsMiddleware()`, or as
 * `scheduler` to `jobsPlugin`; then `spawn(request, job, payload)` resolves when the job is stored.
 *
 * @returns rejects, with the store closed, if it cannot be opened: {@link EngineMissingError},
 *   {@link StoreLockedError}, or what the engine says
 * @throws TypeError or RangeError, at the call, for a bad option
 * @example
 * ```ts
 * import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
 *
 * const greet = defineJob('greet', ({ name }: { name: string }) => console.log(`Hello ${name}`));
 *
 * // store: '.jobs' keeps them in that directory, store: 'postgres://…' in a database.
 * const jobs = await openJobs({ jobs: [greet], backend: memoryBackend(), limit: 10 });
 * await jobs.enqueue(greet, { name: 'Ada' });
 * await jobs.waitAndClose();
 * ```
 */
export function openJobs(options: OpenJobsOptions): Promise<DurableJobs> {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(expected('options', 'an object', options));
  }
  const { jobs, store, backend, work = true, ...schedulerOptions } = options;
  resolveSchedulerOptions(schedulerOptions);
  if (typeof work !== 'boolean') throw new TypeError(expected('work', 'a boolean', work));
  const known = jobsByName(jobs);
  return open(chooseBackend(store, backend), known, work, {
    // Time to record an end, which takes a round trip to the store.
    closeTimeout: 500,
    ...schedulerOptions,
  });
}

async function open(
  backend: JobBackend,
  jobs: ReadonlyMap<string, DefinedJob<never>>,
  work: boolean,
  options: SchedulerOptions,
): Promise<DurableJobs> {
  // What goes wrong while it opens, opening rejects with.
  const opened: { jobs?: DurableJobs } = {};
  const onError = (exception: unknown): void => {
    opened.jobs?.callExceptionHandler({ message: 'The job store reports an error', exception });
  };
  const specs = [...jobs.values()].map(({ name, options: { retries, backoff, leaseTime } }) => ({
    name,
    retries,
    backoff,
    leaseTime,
  }));
  try {
    await backend.open(specs, { work, onError });
  } catch (error) {
    await backend.close().catch(() => undefined);
    throw error;
  }
  opened.jobs = new DurableJobs(options, backend, jobs, work);
  return opened.jobs;
}

function jobsByName(jobs: unknown): Map<string, DefinedJob<never>> {
  if (!Array.isArray(jobs) || !jobs.every((job) => job instanceof DefinedJob)) {
    throw new TypeError(expected('jobs', 'an array of what defineJob() gave', jobs));
  }
  const known = new Map<string, DefinedJob<never>>();
  for (const job of jobs as DefinedJob<never>[]) {
    if (known.has(job.name)) throw new TypeError(`Two of the \`jobs\` are named '${job.name}'`);
    known.set(job.name, job);
  }
  return known;
}

function chooseBackend(store: unknown, backend: JobBackend | undefined): JobBackend {
  if (backend !== undefined) {
    if (store !== undefined) throw new TypeError('Give `store` or `backend`, not both');
    if (typeof (backend as Partial<JobBackend> | null)?.claim !== 'function') {
      throw new TypeError(expected('backend', 'a backend such as postgresBackend()', backend));
    }
    return backend;
  }
  // An unset variable of the environment must not end in a store somewhere else.
  if (typeof store !== 'string' || store === '') {
    throw new TypeError(expected('store', 'a directory or a postgres: or redis: URL', store));
  }
  if (/^postgres(ql)?:/.test(store)) return postgresBackend({ connectionString: store });
  if (/^rediss?:/.test(store)) return bullmqBackend({ connection: store });
  return pgliteBackend({ directory: store });
}
