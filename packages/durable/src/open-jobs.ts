import type { SchedulerOptions } from '@outlive/core';
import {
  checkBoolean,
  checkOptions,
  expected,
  type KnownOptions,
  resolveSchedulerOptions,
  schedulerOptionNames,
} from '@outlive/core/internal';
import type { DiedJob } from './backend.ts';
import { chooseBackend, type StoreOptions } from './choose-backend.ts';
import { isJobDefinition } from './define-job.ts';
import { createDurableJobs, type DurableJobs, type OpenStore } from './durable-jobs.ts';
import type { DefinedJob, JobDefinition } from './job-definition.ts';
import { validatePayload } from './payload/validate-payload.ts';
import { storeFailure } from './store-failure.ts';
import { checkDefinitions } from './support.ts';
import { tellExhausted } from './worker/exhausted.ts';
import { Timetable } from './worker/timetable.ts';

/** Options of {@link openJobs}: those of a scheduler, the jobs, and where they are stored. */
export interface OpenJobsOptions extends SchedulerOptions, StoreOptions {
  /** All jobs that this process stores or runs. */
  readonly jobs: readonly DefinedJob<never>[];
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
  redis: true,
  backend: true,
  schema: true,
  poolSize: true,
  migrate: true,
  ssl: true,
  prefix: true,
  work: true,
};

/** In ms: enough for the round trip to the store that records the end of a cancelled job. */
const closeTimeout = 500;

/**
 * Opens a store of durable jobs, and runs the jobs in it. Give the result to `jobsMiddleware()`, or as
 * `scheduler` to `jobsPlugin`; then `spawn(request, job, payload)` resolves when the job is stored.
 *
 * The defaults are those of a scheduler, but for `closeTimeout`: 500 ms.
 *
 * @throws {@link EngineMissingError}, {@link StoreLockedError}, or {@link JobStoreError}, which names the store and has the
 *   engine's error as its cause (rejects), with the store closed again; {@link JobPayloadError} for a schedule whose payload the
 *   schema refuses (rejects). At the call TypeError or RangeError for a bad option
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
    redis,
    backend,
    schema,
    poolSize,
    migrate,
    ssl,
    prefix,
    work = true,
    ...schedulerOptions
  } = checkOptions('options', options, known);
  const place = { store, redis, backend, schema, poolSize, migrate, ssl, prefix };
  resolveSchedulerOptions(schedulerOptions);
  checkBoolean('work', work);
  const definitions = byName(jobs);
  const chosen = chooseBackend(place);
  checkDefinitions(chosen, definitions);
  return open({ closeTimeout, ...schedulerOptions }, { backend: chosen, definitions, work });
}

async function open(
  options: SchedulerOptions,
  store: Omit<OpenStore, 'timetable'>,
): Promise<DurableJobs> {
  const { backend, definitions, work } = store;
  // What comes before there is a scheduler has to wait for it. Of a store that does not open, the rejection of `open()`
  // says what is wrong.
  const early: ((jobs: DurableJobs) => void)[] = [];
  let withJobs = (use: (jobs: DurableJobs) => void): void => void early.push(use);
  const onError = (error: unknown): void => {
    const exception = storeFailure(backend, 'does not answer', error);
    withJobs((jobs) => {
      jobs.callExceptionHandler({ message: 'The job store reports an error', exception });
    });
  };
  const onDied = (job: DiedJob): void => {
    const definition = definitions.get(job.name);
    if (definition !== undefined) withJobs((jobs) => void tellExhausted(jobs, definition, job));
  };
  const specs = [...definitions].map(([name, { options: definition }]) => {
    const { retries, backoff, leaseTime, keep, perKey, rate } = definition;
    return { name, retries, backoff: backoff.first, leaseTime, keep, perKey, rate };
  });
  await validateSchedules(definitions);
  let timetable: Timetable | undefined;
  try {
    await backend.open(specs, { work, onError, onDied });
    const { schedules, clock } = backend;
    if (work && schedules !== undefined) {
      timetable = await Timetable.open({ schedules, clock }, definitions, onError);
    }
  } catch (error) {
    await backend.close().catch(() => undefined);
    throw storeFailure(backend, 'cannot be opened', error);
  }
  const opened = createDurableJobs(options, { ...store, timetable });
  withJobs = (use) => use(opened);
  early.forEach(withJobs);
  timetable?.start(opened);
  return opened;
}

/** What a schema refuses, or throws, is no fault of the store. */
async function validateSchedules(definitions: ReadonlyMap<string, JobDefinition>): Promise<void> {
  for (const { name, options } of new Set(definitions.values())) {
    for (const { payload } of options.schedules) {
      await validatePayload(name, options.schema, payload);
    }
  }
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
