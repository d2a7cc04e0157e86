import { Counter, Histogram, type Registry } from 'prom-client';

/** Bounds in seconds: from what a function takes that only computes, to minutes. */
const buckets = [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

export interface Metrics {
  readonly spawned: Counter;
  readonly completed: Counter;
  readonly failed: Counter;
  readonly cancelled: Counter;
  readonly retried: Counter;
  readonly refused: Counter;
  readonly stalls: Counter;
  readonly wait: Histogram;
  readonly run: Histogram;
}

/** @param labels - `scheduler`, and `job` where it is wanted */
export function makeMetrics(registry: Registry, labels: string[]): Metrics {
  const registers = [registry];
  const count = (what: string, help: string, more: string[] = []): Counter =>
    new Counter({
      name: `outlive_jobs_${what}_total`,
      help,
      labelNames: [...labels, ...more],
      registers,
    });
  const measure = (what: string, help: string): Histogram =>
    new Histogram({
      name: `outlive_job_${what}_seconds`,
      help,
      labelNames: labels,
      buckets,
      registers,
    });
  return {
    spawned: count('spawned', 'Jobs that were accepted'),
    completed: count('completed', 'Jobs that gave a result'),
    failed: count('failed', 'Jobs that failed'),
    cancelled: count('cancelled', 'Jobs that were cancelled'),
    retried: count('retried', 'Attempts that failed and were followed by another'),
    refused: count('refused', 'Calls that made no job', ['reason']),
    stalls: new Counter({
      name: 'outlive_scheduler_stalls_total',
      help: 'Times that all slots were taken and nothing settled while jobs waited',
      labelNames: ['scheduler'],
      registers,
    }),
    wait: measure('wait', 'How long jobs waited for their start'),
    run: measure('run', 'How long functions ran'),
  };
}
