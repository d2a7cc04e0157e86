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
import { makeGauges } from './gauges.ts';
import { makeMetrics } from './metrics.ts';
import { type Labels, WatchedSchedulers } from './watched-schedulers.ts';

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
  endBefore(registry);
  const others = namesIn(registry);
  const metrics = makeMetrics(registry, jobNames ? ['scheduler', 'job'] : ['scheduler']);
  makeGauges(registry, watched);
  const labelsOf = (scheduler: Scheduler, job: string | undefined): Labels | undefined => {
    const label = watched.labelOf(scheduler);
    return jobNames && label !== undefined ? { ...label, job: job ?? '' } : label;
  };
  const stops = [
    observe('outlive:job:spawn', ({ scheduler, job }) => {
      const labels = labelsOf(scheduler, job.name);
      if (labels !== undefined) metrics.spawned.inc(labels);
    }),
    observe('outlive:job:start', ({ scheduler, job, wait }) => {
      const labels = labelsOf(scheduler, job.name);
      if (labels !== undefined) metrics.wait.observe(labels, wait / 1_000);
    }),
    observe('outlive:job:retry', ({ scheduler, job, run }) => {
      const labels = labelsOf(scheduler, job.name);
      if (labels === undefined) return;
      metrics.retried.inc(labels);
      metrics.run.observe(labels, run / 1_000);
    }),
    observe('outlive:job:settle', ({ scheduler, job, outcome, run }) => {
      const labels = labelsOf(scheduler, job.name);
      if (labels === undefined) return;
      metrics[outcome].inc(labels);
      if (run !== undefined) metrics.run.observe(labels, run / 1_000);
    }),
    observe('outlive:job:refuse', ({ scheduler, name, error }) => {
      const labels = labelsOf(scheduler, name);
      if (labels !== undefined) metrics.refused.inc({ ...labels, reason: reasonOf(error) });
    }),
    observe('outlive:scheduler:stall', ({ scheduler }) => {
      const label = watched.labelOf(scheduler);
      if (label !== undefined) metrics.stalls.inc(label);
    }),
  ];
  const collector: Collector = {
    names: namesIn(registry).filter((name) => !others.includes(name)),
    hasStopped: false,
    stop: () => {
      for (const stop of stops) stop();
      watched.forget();
      collector.hasStopped = true;
    },
  };
  collectors.set(registry, collector);
  return () => {
    collector.stop();
  };
}

/** What collects for a registry, or did. */
interface Collector {
  readonly names: readonly string[];
  hasStopped: boolean;
  stop(): void;
}

const collectors = new WeakMap<Registry, Collector>();

/** A registry that was cleared, or whose collecting has ended, may get new metrics: nobody else writes to it. */
function endBefore(registry: Registry): void {
  const before = collectors.get(registry);
  const hasMetrics = namesIn(registry).includes('outlive_jobs_active');
  if (hasMetrics && before?.hasStopped !== true) {
    throw new MetricsRegisteredError('The registry has the metrics of Outlive already');
  }
  before?.stop();
  if (hasMetrics) for (const name of before?.names ?? []) registry.removeSingleMetric(name);
}

function namesIn(registry: Registry): string[] {
  return registry.getMetricsAsArray().map(({ name }) => name);
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
