import {
  type Attributes,
  type MeterProvider,
  metrics,
  type ObservableResult,
} from '@opentelemetry/api';
import { observe, type Scheduler, type SchedulerStats } from '@outlive/core';
import { version } from '@outlive/core/internal';
import { type Instruments, makeInstruments } from './instruments.ts';
import { SeenSchedulers } from './seen-schedulers.ts';
import { isWithoutSdk } from './without-sdk.ts';

/** The metrics of all schedulers of the process from which an event has come. */
export class JobMetrics {
  readonly #schedulers = new SeenSchedulers();
  readonly #jobNames: boolean;
  readonly #stops: (() => void)[];
  /** Whose instruments these are; `undefined` where it has none to give. */
  #provider: MeterProvider | undefined;
  #instruments: Instruments | undefined;

  constructor(jobNames: boolean) {
    this.#jobNames = jobNames;
    this.#stops = [
      observe('outlive:job:spawn', ({ scheduler }) => {
        this.#schedulers.attributesOf(scheduler);
        this.#find();
      }),
      observe('outlive:job:start', ({ scheduler, job, wait }) => {
        this.#find()?.wait.record(wait / 1_000, this.#attributes(scheduler, job.name));
      }),
      observe('outlive:job:settle', ({ scheduler, job, outcome, run }) => {
        const instruments = this.#find();
        if (instruments === undefined) return;
        const attributes = this.#attributes(scheduler, job.name);
        if (run !== undefined) instruments.run.record(run / 1_000, attributes);
        instruments[outcome].add(1, attributes);
      }),
      observe('outlive:job:retry', ({ scheduler, job, run }) => {
        this.#find()?.run.record(run / 1_000, this.#attributes(scheduler, job.name));
      }),
      observe('outlive:job:refuse', ({ scheduler, name, error }) => {
        const attributes = this.#attributes(scheduler, name);
        this.#find()?.refused.add(1, { ...attributes, 'error.type': refusalType(error) });
      }),
    ];
  }

  set provider(provider: MeterProvider) {
    this.#use(provider);
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#instruments?.stop();
  }

  /** Those of the provider that was given, else of the global one, as soon as there is one. */
  #find(): Instruments | undefined {
    if (this.#instruments !== undefined) return this.#instruments;
    const provider = metrics.getMeterProvider();
    if (provider !== this.#provider) this.#use(provider);
    return this.#instruments;
  }

  #use(provider: MeterProvider): void {
    this.#provider = provider;
    const meter = provider.getMeter('@outlive/opentelemetry', version);
    // Where there is no SDK yet, the right one may come later.
    if (isWithoutSdk(meter)) return;
    this.#instruments?.stop();
    this.#instruments = makeInstruments(meter, (numberOf) => (result) => {
      this.#lookAtAll(result, numberOf);
    });
  }

  #attributes(scheduler: Scheduler, jobName: string | undefined): Attributes {
    const attributes = this.#schedulers.attributesOf(scheduler);
    if (!this.#jobNames || jobName === undefined) return attributes;
    return { ...attributes, 'outlive.job.name': jobName };
  }

  /** Schedulers of one name are counted as one. */
  #lookAtAll(result: ObservableResult, numberOf: (stats: SchedulerStats) => number): void {
    const sums = new Map<string | undefined, { sum: number; attributes: Attributes }>();
    for (const scheduler of this.#schedulers) {
      const attributes = this.#schedulers.attributesOf(scheduler);
      const found = sums.get(scheduler.name) ?? { sum: 0, attributes };
      found.sum += numberOf(scheduler.stats());
      sums.set(scheduler.name, found);
    }
    for (const { sum, attributes } of sums.values()) result.observe(sum, attributes);
  }
}

function refusalType(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return code === 'ERR_PENDING_LIMIT' || code === 'ERR_SCHEDULER_CLOSED' ? code : '_OTHER';
}
