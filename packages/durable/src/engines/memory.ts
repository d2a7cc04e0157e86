import { randomUUID } from 'node:crypto';
import type { Depth, JobBackend, JobSpec, Lease, NewJob } from '../backend.ts';

const claimWait = 1_000;

interface StoredJob {
  readonly id: string;
  readonly order: number;
  readonly spec: JobSpec;
  readonly payload: string;
  readonly key: string | undefined;
  readonly priority: number;
  state: 'ready' | 'active' | 'failed';
  attempt: number;
  readyAt: number;
  leasedUntil: number;
  /** The claim that has it. */
  ref: object | undefined;
}

/**
 * Keeps jobs in the memory of this process: for tests. They are retried, delayed and leased as
 * everywhere, and gone when the process ends. Works with fake timers.
 *
 * @example
 * ```ts
 * import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
 *
 * const job = defineJob('job', () => console.log('it runs'));
 * await using jobs = await openJobs({ jobs: [job], backend: memoryBackend() });
 * await jobs.enqueue(job, {});
 * ```
 */
export function memoryBackend(): JobBackend {
  const specs = new Map<string, JobSpec>();
  const jobs = new Map<string, StoredJob>();
  const waiting = new Set<() => void>();
  let order = 0;

  const wake = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const woken = async (limit: number, signal: AbortSignal): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      waiting.add(resolve);
      timer = setTimeout(wake, limit);
      signal.addEventListener('abort', wake, { once: true });
    });
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
  };
  const leased = ({ id, ref }: Lease): StoredJob | undefined => {
    expire();
    const job = jobs.get(id);
    return job?.ref === ref ? job : undefined;
  };
  const retry = (job: StoredJob): void => {
    job.ref = undefined;
    job.state = job.attempt <= job.spec.retries ? 'ready' : 'failed';
    job.readyAt = Date.now() + job.spec.backoff * 2 ** (job.attempt - 1);
  };
  const expire = (): void => {
    for (const job of jobs.values()) {
      if (job.state === 'active' && job.leasedUntil <= Date.now()) retry(job);
    }
  };
  const take = (names: readonly string[], max: number): Lease[] => {
    expire();
    return [...jobs.values()]
      .filter((job) => job.state === 'ready' && job.readyAt <= Date.now())
      .filter((job) => names.includes(job.spec.name))
      .toSorted((a, b) => b.priority - a.priority || a.order - b.order)
      .slice(0, max)
      .map((job) => {
        job.state = 'active';
        job.attempt += 1;
        job.leasedUntil = Date.now() + job.spec.leaseTime;
        job.ref = {};
        const { id, payload, attempt, ref } = job;
        return { id, name: job.spec.name, payload: JSON.parse(payload), attempt, ref };
      });
  };

  return {
    async open(given) {
      for (const spec of given) specs.set(spec.name, spec);
    },

    async enqueue({ name, payload, key, delay = 0, priority = 0 }: NewJob, options) {
      if (options?.tx !== undefined) throw new TypeError('The memory has no transactions (`tx`)');
      const spec = specs.get(name);
      if (spec === undefined) throw new TypeError(`No job named ${name} was opened`);
      expire();
      const same = (job: StoredJob): boolean => job.key === key && job.spec.name === name;
      const live = [...jobs.values()].filter((job) => job.state !== 'failed');
      if (key !== undefined && live.some(same)) return null;
      const id = randomUUID();
      order += 1;
      jobs.set(id, {
        id,
        order,
        spec,
        key,
        priority,
        payload: JSON.stringify(payload),
        state: 'ready',
        attempt: 0,
        readyAt: Date.now() + delay,
        leasedUntil: 0,
        ref: undefined,
      });
      wake();
      return id;
    },

    async claim(names, max, signal) {
      const until = Date.now() + claimWait;
      for (;;) {
        const leases = signal.aborted ? [] : take(names, max);
        const left = until - Date.now();
        if (leases.length > 0 || signal.aborted || left <= 0) return leases;
        await woken(Math.min(left, 50), signal);
      }
    },

    async renew(leases) {
      return leases.filter((lease) => {
        const job = leased(lease);
        if (job !== undefined) job.leasedUntil = Date.now() + job.spec.leaseTime;
        return job === undefined;
      });
    },

    async settle(lease, outcome) {
      const job = leased(lease);
      if (job === undefined) return false;
      switch (outcome.kind) {
        case 'done':
          jobs.delete(job.id);
          break;
        case 'fail':
          retry(job);
          if (outcome.final === true) job.state = 'failed';
          break;
        case 'release':
          Object.assign(job, {
            state: 'ready',
            attempt: job.attempt - 1,
            readyAt: 0,
            ref: undefined,
          });
          break;
        default:
          outcome satisfies never;
      }
      wake();
      return true;
    },

    async depth() {
      expire();
      const depth: Record<string, Depth> = {};
      for (const name of specs.keys()) {
        const count = (state: StoredJob['state']): number =>
          [...jobs.values()].filter((job) => job.spec.name === name && job.state === state).length;
        depth[name] = { ready: count('ready'), active: count('active'), failed: count('failed') };
      }
      return depth;
    },

    async close() {
      wake();
    },
  };
}
