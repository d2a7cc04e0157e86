import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

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

/** The gauges that are set at each scrape. */
export type Gauges = Readonly<Record<keyof typeof gaugeHelp, Gauge>>;

const gaugeHelp = {
  outlive_jobs_pending: 'Jobs that wait now',
  outlive_jobs_active: 'Functions that run now, cancelled ones included',
  outlive_jobs_closing: 'Cancelled jobs whose function has not settled',
  outlive_shields_active: 'Shielded work that has not settled',
  outlive_jobs_limit: 'Functions that may run at once',
  outlive_jobs_oldest_pending_seconds:
    'Since the oldest pending job was spawned; 0 if none is pending',
  outlive_jobs_oldest_active_seconds:
    'Since the function was called that runs longest; 0 if none runs',
};

/** Whose presence says that a registry has them all. */
export const anyName = 'outlive_jobs_active';

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

/** @param look - sets all of them; called once for each scrape */
export function makeGauges(registry: Registry, look: (gauges: Gauges) => void): void {
  const gauges: Record<string, Gauge> = {};
  for (const [name, help] of Object.entries(gaugeHelp)) {
    const isFirst = name === 'outlive_jobs_pending';
    gauges[name] = new Gauge({
      name,
      help,
      labelNames: ['scheduler'],
      registers: [registry],
      // Metrics are collected in the order in which they were made.
      ...(isFirst ? { collect: () => look(gauges as Gauges) } : {}),
    });
  }
}
