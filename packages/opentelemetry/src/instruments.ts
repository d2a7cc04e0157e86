import type {
  Counter,
  Histogram,
  Meter,
  ObservableCallback,
  ObservableUpDownCounter,
} from '@opentelemetry/api';
import type { SchedulerStats } from '@outlive/core';

/** Bounds in seconds: from what a function takes that only computes, to minutes. */
const bounds = [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** What jobs are counted and measured by. */
export interface Instruments {
  readonly wait: Histogram;
  readonly run: Histogram;
  readonly completed: Counter;
  readonly failed: Counter;
  readonly cancelled: Counter;
  readonly refused: Counter;
  /** No more numbers of now are asked for. */
  stop(): void;
}

/** Looks at all schedulers, for a number of now. */
export type LookAtAll = (numberOf: (stats: SchedulerStats) => number) => ObservableCallback;

export function makeInstruments(meter: Meter, lookAtAll: LookAtAll): Instruments {
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
  ): (() => void) => {
    const name = `outlive.jobs.${what}`;
    const gauge: ObservableUpDownCounter = meter.createObservableUpDownCounter(name, {
      unit: '{job}',
      description,
    });
    const callback = lookAtAll(numberOf);
    gauge.addCallback(callback);
    return () => {
      gauge.removeCallback(callback);
    };
  };
  const looks = [
    look('active', 'Functions that run now', ({ active, closing }) => active + closing),
    look('pending', 'Jobs that wait now', ({ pending }) => pending),
  ];
  return {
    wait: measure('wait', 'How long jobs waited for their start'),
    run: measure('run', 'How long functions ran'),
    completed: count('completed', 'Jobs that gave a result'),
    failed: count('failed', 'Jobs that failed'),
    cancelled: count('cancelled', 'Jobs that were cancelled'),
    refused: count('refused', 'Calls that made no job'),
    stop: () => {
      for (const stop of looks) stop();
    },
  };
}
