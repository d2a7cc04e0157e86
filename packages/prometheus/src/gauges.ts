import type { Scheduler, SchedulerStats } from '@outlive/core';
import { Gauge, type Registry } from 'prom-client';

/** A number of now. */
interface Look {
  readonly help: string;
  readonly of: (stats: SchedulerStats, scheduler: Scheduler) => number;
  /** Of several schedulers of one name; their sum unless given. */
  readonly both?: (a: number, b: number) => number;
}

const looks: Readonly<Record<string, Look>> = {
  outlive_jobs_pending: {
    help: 'Jobs that wait now',
    of: ({ pending }) => pending,
  },
  outlive_jobs_active: {
    help: 'Functions that run now, cancelled ones included',
    of: ({ active, closing }) => active + closing,
  },
  outlive_jobs_closing: {
    help: 'Cancelled jobs whose function has not settled',
    of: ({ closing }) => closing,
  },
  outlive_shields_active: {
    help: 'Shielded work that has not settled',
    of: ({ shields }) => shields,
  },
  outlive_jobs_limit: {
    help: 'Functions that may run at once',
    of: (_stats, { limit }) => limit,
  },
  outlive_jobs_oldest_pending_seconds: {
    help: 'Since the oldest pending job was spawned; 0 if none is pending',
    of: ({ oldestPendingAge = 0 }) => oldestPendingAge / 1_000,
    both: Math.max,
  },
  outlive_jobs_oldest_active_seconds: {
    help: 'Since the function was called that runs longest; 0 if none runs',
    of: ({ oldestActiveAge = 0 }) => oldestActiveAge / 1_000,
    both: Math.max,
  },
};

/** Gauges that look at the schedulers whenever they are asked for. Schedulers of one name are counted as one. */
export function makeGauges(registry: Registry, schedulers: Iterable<Scheduler>): void {
  for (const [name, { help, of, both = sum }] of Object.entries(looks)) {
    const gauge = new Gauge({ name, help, labelNames: ['scheduler'], registers: [], collect });
    registry.registerMetric(gauge);
    function collect(): void {
      gauge.reset();
      const found = new Map<string, number>();
      for (const scheduler of schedulers) {
        const { name: label = '' } = scheduler;
        const value = of(scheduler.stats(), scheduler);
        const known = found.get(label);
        found.set(label, known === undefined ? value : both(known, value));
      }
      for (const [label, value] of found) gauge.set({ scheduler: label }, value);
    }
  }
}

function sum(a: number, b: number): number {
  return a + b;
}
