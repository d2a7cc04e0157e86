import { observe, type Scheduler } from '@outlive/core';
import {
  checkBoolean,
  checkOptions,
  checkScheduler,
  expected,
  type KnownOptions,
} from '@outlive/core/internal';
import { register, type Registry } from 'prom-client';
import { MetricsRegisteredError } from './errors.ts';
import { anyName, type Gauges, makeGauges, makeMetrics } from './metrics.ts';
import { WatchedSchedulers } from './watched-schedulers.ts';

/** What is collected, and where. Everything is optional. */
export interface CollectJobsOptions {
  /** Where the metrics are registered. @defaultValue the default registry of prom-client */
  readonly registry?: Registry | undefined;
  /** Whose jobs are counted. @defaultValue all schedulers of the process, each from its first job on */
  readonly schedulers?: readonly Scheduler[] | undefined;
  /** Whether counters and histograms have the label `job`. Only where there are few names. @defaultValue `false` */
  readonly jobNames?: boolean | undefined;
}

const known: KnownOptions<CollectJobsOptions> = {
  registry: true,
  schedulers: true,
  jobNames: true,
};

/**
 * Registers the metrics of jobs, labelled with the names of their schedulers.
 *
 * @returns what ends the collecting; the metrics stay in the registry
 * @throws TypeError for a bad option, {@link MetricsRegisteredError} for a registry that has them
 * @example
 * ```ts
 * import { Scheduler } from '@outlive/core';
 * import { collectJobs } from '@outlive/prometheus';
 * import { Registry } from 'prom-client';
 *
 * const registry = new Registry();
 * const stop = collectJobs({ registry, schedulers: [new Scheduler({ name: 'mail' })] });
 * console.log(await registry.metrics());
 * stop();
 * ```
 */
export function collectJobs(options?: CollectJobsOptions): () => void {
  const {
    registry = register,
    schedulers,
    jobNames = false,
  } = checkOptions('options', options, known);
  checkRegistry(registry);
  checkBoolean('jobNames', jobNames);
  const watched = new WatchedSchedulers(checkSchedulers(schedulers));
  if (registry.getSingleMetric(anyName) !== undefined) {
    throw new MetricsRegisteredError('The registry has the metrics of Outlive already');
  }
  const metrics = makeMetrics(registry, jobNames ? ['scheduler', 'job'] : ['scheduler']);
  makeGauges(registry, (gauges) => {
    look(gauges, watched);
  });
  const labels = (scheduler: Scheduler, job: string | undefined): Record<string, string> => ({
    scheduler: scheduler.name ?? '',
    ...(jobNames ? { job: job ?? '' } : {}),
  });
  const stops = [
    observe('outlive:job:spawn', ({ scheduler, job }) => {
      if (watched.has(scheduler)) metrics.spawned.inc(labels(scheduler, job.name));
    }),
    observe('outlive:job:start', ({ scheduler, job, wait }) => {
      if (watched.has(scheduler)) metrics.wait.observe(labels(scheduler, job.name), wait / 1_000);
    }),
    observe('outlive:job:retry', ({ scheduler, job, run }) => {
      if (!watched.has(scheduler)) return;
      metrics.retried.inc(labels(scheduler, job.name));
      metrics.run.observe(labels(scheduler, job.name), run / 1_000);
    }),
    observe('outlive:job:settle', ({ scheduler, job, outcome, run }) => {
      if (!watched.has(scheduler)) return;
      metrics[outcome].inc(labels(scheduler, job.name));
      if (run !== undefined) metrics.run.observe(labels(scheduler, job.name), run / 1_000);
    }),
    observe('outlive:job:refuse', ({ scheduler, name, error }) => {
      if (!watched.has(scheduler)) return;
      metrics.refused.inc({ ...labels(scheduler, name), reason: reasonOf(error) });
    }),
    observe('outlive:scheduler:stall', ({ scheduler }) => {
      if (watched.has(scheduler)) metrics.stalls.inc({ scheduler: scheduler.name ?? '' });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    watched.forget();
  };
}

/** Schedulers of one name are counted as one. */
function look(gauges: Gauges, watched: WatchedSchedulers): void {
  for (const gauge of Object.values(gauges)) gauge.reset();
  for (const scheduler of watched) {
    const label = { scheduler: scheduler.name ?? '' };
    const { pending, active, closing, shields, oldestPendingAge, oldestActiveAge } =
      scheduler.stats();
    gauges.outlive_jobs_pending.inc(label, pending);
    gauges.outlive_jobs_active.inc(label, active + closing);
    gauges.outlive_jobs_closing.inc(label, closing);
    gauges.outlive_shields_active.inc(label, shields);
    gauges.outlive_jobs_limit.inc(label, scheduler.limit);
    gauges.outlive_jobs_oldest_pending_seconds.set(label, (oldestPendingAge ?? 0) / 1_000);
    gauges.outlive_jobs_oldest_active_seconds.set(label, (oldestActiveAge ?? 0) / 1_000);
  }
}

function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  if (code === 'ERR_PENDING_LIMIT') return 'pending_limit';
  return code === 'ERR_SCHEDULER_CLOSED' ? 'closed' : 'aborted';
}

function checkRegistry(registry: Registry): void {
  if (typeof (registry as Partial<Registry> | null)?.getSingleMetric === 'function') return;
  throw new TypeError(expected('registry', 'a Registry of prom-client', registry));
}

function checkSchedulers(schedulers: unknown): Scheduler[] | undefined {
  if (schedulers === undefined) return undefined;
  if (!Array.isArray(schedulers)) {
    throw new TypeError(expected('schedulers', 'an array of schedulers', schedulers));
  }
  return schedulers.map((scheduler) => checkScheduler('schedulers', scheduler));
}
