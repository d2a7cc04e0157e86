import type { SchedulerOptions } from '@outlive/core';
import {
  checkBoolean,
  checkOptions,
  expected,
  type KnownOptions,
  resolveSchedulerOptions,
  schedulerOptionNames,
} from '@outlive/core/internal';
import type { JobBackend } from './backend.ts';
import { isJobDefinition } from './define-job.ts';
import { createDurableJobs, type DurableJobs, type OpenStore } from './durable-jobs.ts';
import { bullmqBackend } from './engines/bullmq/factory.ts';
import { pgliteBackend } from './engines/pg-boss/pglite.ts';
import { postgresBackend } from './engines/pg-boss/postgres.ts';
import { parseStoreAddress } from './engines/store-address.ts';
import type { DefinedJob, JobDefinition } from './job-definition.ts';
import { storeFailure } from './store-failure.ts';

/** Options of {@link openJobs}: those of a scheduler, the jobs, and where they are stored. */
export interface OpenJobsOptions extends SchedulerOptions {
  /** All jobs that this process stores or runs. */
  readonly jobs: readonly DefinedJob<never>[];
  /**
   * A directory: PGlite in it, for one process at a time. Or, for any number of processes, the URL of a
   * database, which begins with `postgres://` or `postgresql://`, or of a Redis, with `redis://` or `rediss://`
   * (`valkey://`, `valkeys://`). Any other URL is refused, and so is the text `undefined`; `./a:b` is a directory.
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

const known: KnownOptions<OpenJobsOptions> = {
  ...schedulerOptionNames,
  jobs: true,
  store: true,
  backend: true,
  work: true,
};

const allowedStore =
  'a directory, or a URL that begins with postgres://, postgresql://, redis://, rediss:// or valkey://';

/** In ms: enough for the round trip to the store that records the end of a cancelled job. */
const closeTimeout = 500;

/**
 * Opens a store of durable jobs, and runs the jobs in it. Give the result to `jobsMiddleware()`, or as
 * `scheduler` to `jobsPlugin`; then `spawn(request, job, payload)` resolves when the job is stored.
 *
 * The defaults are those of a scheduler, but for `closeTimeout`: 500 ms.
 *
 * @throws {@link EngineMissingError}, {@link StoreLockedError}, or {@link JobStoreError}, which names the store and has the
 *   engine's error as its cause (rejects), with the store closed again. At the call TypeError or RangeError for a bad option
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
  if (options === undefined) throw new TypeError(expected('options', 'an object', options));
  const {
    jobs,
    store,
    backend,
    work = true,
    ...schedulerOptions
  } = checkOptions('options', options, known);
  resolveSchedulerOptions(schedulerOptions);
  checkBoolean('work', work);
  const definitions = byName(jobs);
  return open(
    { closeTimeout, ...schedulerOptions },
    { backend: chooseBackend(store, backend), definitions, work },
  );
}

async function open(options: SchedulerOptions, store: OpenStore): Promise<DurableJobs> {
  const { backend, definitions, work } = store;
  // What is reported before there is a scheduler has to wait for it. Of a store that does not open, the rejection of
  // `open()` says what is wrong.
  const early: unknown[] = [];
  let report = (exception: unknown): void => void early.push(exception);
  const onError = (exception: unknown): void => report(exception);
  const specs = [...definitions].map(([name, { options: definition }]) => {
    const { retries, backoff, leaseTime, keep } = definition;
    return { name, retries, backoff, leaseTime, keep };
  });
  try {
    await backend.open(specs, { work, onError });
  } catch (error) {
    await backend.close().catch(() => undefined);
    throw storeFailure(backend, 'cannot be opened', error);
  }
  const opened = createDurableJobs(options, store);
  report = (error) => {
    opened.callExceptionHandler({
      message: 'The job store reports an error',
      exception: storeFailure(backend, 'does not answer', error),
    });
  };
  early.forEach(report);
  return opened;
}

function byName(jobs: unknown): Map<string, JobDefinition> {
  if (!Array.isArray(jobs) || !jobs.every(isJobDefinition)) {
    throw new TypeError(expected('jobs', 'an array of jobs that defineJob() made', jobs));
  }
  const definitions = new Map<string, JobDefinition>();
  for (const job of jobs) {
    for (const name of [job.name, ...job.options.aliases]) {
      if (definitions.has(name)) throw new TypeError(`Two of the \`jobs\` are named '${name}'`);
      definitions.set(name, job);
    }
  }
  return definitions;
}

function chooseBackend(store: unknown, backend: JobBackend | undefined): JobBackend {
  if (backend !== undefined) {
    if (store !== undefined) throw new TypeError('Give `store` or `backend`, not both');
    if (typeof (backend as Partial<JobBackend> | null)?.claim !== 'function') {
      throw new TypeError(expected('backend', 'a backend such as postgresBackend()', backend));
    }
    return backend;
  }
  const address = parseStoreAddress('store', store, allowedStore);
  switch (address.kind) {
    case 'directory':
      return pgliteBackend({ directory: address.directory });
    case 'postgres':
      return postgresBackend({ connectionString: address.url });
    case 'redis':
      return bullmqBackend({ connection: address.url });
    default:
      return address satisfies never;
  }
}
