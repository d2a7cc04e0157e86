import {
  type Attributes,
  type Counter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
  type ObservableResult,
} from '@opentelemetry/api';
import { observe, type Scheduler, type SchedulerStats } from '@outlive/core';
import { version } from '@outlive/core/internal';
import { attributesOf } from './attributes.ts';
import { SeenSchedulers } from './seen-schedulers.ts';

/** Bounds in seconds: from what a function takes that only computes, to minutes. */
const bounds = [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

interface Instruments {
  readonly wait: Histogram;
  readonly run: Histogram;
  readonly completed: Counter;
  readonly failed: Counter;
  readonly cancelled: Counter;
  readonly refused: Counter;
}

/** The metrics of all schedulers of the process from which an event has come. */
export class JobMetrics {
  readonly #schedulers = new SeenSchedulers();
  readonly #jobNames: boolean;
  readonly #stops: (() => void)[];
  #instruments: Instruments | undefined;
  #stopped = false;

  constructor(jobNames: boolean) {
    this.#jobNames = jobNames;
    this.#stops = [
      observe('outlive:job:spawn', ({ scheduler }) => {
        this.#schedulers.add(scheduler);
      }),
      observe('outlive:job:start', ({ scheduler, job, wait }) => {
        this.#used.wait.record(wait / 1_000, this.#attributes(scheduler, job.name));
      }),
      observe('outlive:job:settle', ({ scheduler, job, outcome, run }) => {
        const attributes = this.#attributes(scheduler, job.name);
        if (run !== undefined) this.#used.run.record(run / 1_000, attributes);
        this.#used[outcome].add(1, attributes);
      }),
      observe('outlive:job:retry', ({ scheduler, job, run }) => {
        this.#used.run.record(run / 1_000, this.#attributes(scheduler, job.name));
      }),
      observe('outlive:job:refuse', ({ scheduler, name, error }) => {
        const code = (error as { code?: unknown } | null | undefined)?.code;
        const attributes = this.#attributes(scheduler, name);
        const known = code === 'ERR_PENDING_LIMIT' || code === 'ERR_SCHEDULER_CLOSED';
        this.#used.refused.add(1, { ...attributes, 'error.type': known ? code : '_OTHER' });
      }),
    ];
  }

  set provider(provider: MeterProvider) {
    this.#instruments = this.#make(provider.getMeter('@outlive/opentelemetry', version));
  }

  stop(): void {
    this.#stopped = true;
    for (const stop of this.#stops) stop();
  }

  /** Of the global provider, unless another one is given. */
  get #used(): Instruments {
    this.#instruments ??= this.#make(metrics.getMeter('@outlive/opentelemetry', version));
    return this.#instruments;
  }

  #attributes(scheduler: Scheduler, jobName: string | undefined): Attributes {
    this.#schedulers.add(scheduler);
    return attributesOf(scheduler, this.#jobNames ? jobName : undefined);
  }

  #make(meter: Meter): Instruments {
    const count = (what: string, description: string): Counter =>
      meter.createCounter(`outlive.jobs.${what}`, { unit: '{job}', description });
    const measure = (what: string, description: string): Histogram =>
      meter.createHistogram(`outlive.jobs.${what}.duration`, {
        unit: 's',
        description,
        advice: { explicitBucketBoundaries: bounds },
      });
    const look = (
      what: string,
      description: string,
      numberOf: (stats: SchedulerStats) => number,
    ): void => {
      meter
        .createObservableUpDownCounter(`outlive.jobs.${what}`, { unit: '{job}', description })
        .addCallback((result) => {
          this.#observeAll(result, numberOf);
        });
    };
    look('active', 'Functions that run now', ({ active, closing }) => active + closing);
    look('pending', 'Jobs that wait now', ({ pending }) => pending);
    return {
      wait: measure('wait', 'How long jobs waited for their start'),
      run: measure('run', 'How long functions ran'),
      completed: count('completed', 'Jobs that gave a result'),
      failed: count('failed', 'Jobs that failed'),
      cancelled: count('cancelled', 'Jobs that were cancelled'),
      refused: count('refused', 'Calls that made no job'),
    };
  }

  /** Schedulers of one name are counted as one. */
  #observeAll(result: ObservableResult, numberOf: (stats: SchedulerStats) => number): void {
    if (this.#stopped) return;
    const sums = new Map<string | undefined, { sum: number; attributes: Attributes }>();
    for (const scheduler of this.#schedulers) {
      const attributes = attributesOf(scheduler, undefined);
      const found = sums.get(scheduler.name) ?? { sum: 0, attributes };
      found.sum += numberOf(scheduler.stats());
      sums.set(scheduler.name, found);
    }
    for (const { sum, attributes } of sums.values()) result.observe(sum, attributes);
  }
}
