import type { ExceptionContext } from '@outlive/core';
import {
  type DurableJobs,
  type JobBackend,
  memoryBackend,
  openJobs,
  type OpenJobsOptions,
} from '@outlive/durable';
import type { Runs } from './runs.ts';

interface Store {
  readonly jobs: DurableJobs;
  readonly backend: JobBackend;
  /** What the exception handler was called with. */
  readonly reported: ExceptionContext[];
}

type Options = Partial<Omit<OpenJobsOptions, 'jobs'>>;

/** Opens stores, in memory by default, and closes them after each test of the file. */
export function storeOpener(): (runs: Runs, options?: Options) => Promise<Store> {
  const opened: DurableJobs[] = [];

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (jobs) => jobs.close()));
  });

  return async (runs, { backend = memoryBackend(), ...options } = {}) => {
    const reported: ExceptionContext[] = [];
    const jobs = await openJobs({
      jobs: [runs.job],
      backend,
      exceptionHandler: (context) => void reported.push(context),
      ...options,
    });
    opened.push(jobs);
    return { jobs, backend, reported };
  };
}

/** A store in memory, of which some methods are replaced; these may use the `memory` behind it. */
export function memoryWith(replace: (memory: JobBackend) => Partial<JobBackend>): JobBackend {
  const memory = memoryBackend();
  return {
    open: async (...args) => memory.open(...args),
    enqueue: async (...args) => memory.enqueue(...args),
    enqueueMany: async (...args) => memory.enqueueMany?.(...args) ?? [],
    claim: async (...args) => memory.claim(...args),
    renew: async (...args) => memory.renew(...args),
    settle: async (...args) => memory.settle(...args),
    close: async () => memory.close(),
    lookup: memory.lookup,
    control: memory.control,
    runs: memory.runs,
    features: memory.features,
    schedules: memory.schedules,
    ...replace(memory),
  };
}

/** A method of a store that is down. */
export function down(): never {
  throw new Error('The store is down');
}
