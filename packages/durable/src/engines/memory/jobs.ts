import { describeError } from '../describe-error.ts';
import { diedRun } from '../lost-jobs.ts';
import { MemoryClock } from './clock.ts';
import { endAttempt, keepRule, type MemoryJob, stateOf } from './memory-job.ts';

/** Time in ms between two looks at the jobs that have ended: how late one is deleted that nobody asks for. */
const endedInterval = 1_000;

/** All jobs, in the order in which they were stored. */
export class MemoryJobs {
  readonly #jobs = new Map<string, MemoryJob>();
  /** Those of them that wait or run, by name, and some that have ended since the last look. */
  readonly #live = new Map<string, Set<MemoryJob>>();
  /** The last job that had a key, by name and key: no other one that waits or runs has it. */
  readonly #holders = new Map<string, MemoryJob>();
  /** In epoch ms. */
  #lookedAtEnded = 0;
  readonly clock: MemoryClock = new MemoryClock();
  #isMoving = false;
  /** The names that are stopped. */
  readonly paused: Set<string> = new Set();
  /** Called with each job that failed for good since its last lease ran out. */
  onDied: (job: MemoryJob) => void = () => undefined;

  /** In epoch ms. */
  get now(): number {
    return this.clock.now();
  }

  /** Lets time pass. The leases of processes that are there are renewed before any can run out, as they would have been meanwhile. */
  advance(time: number): void {
    this.#isMoving = true;
    try {
      this.clock.advance(time);
    } finally {
      this.#isMoving = false;
    }
  }

  add(job: MemoryJob): void {
    this.#jobs.set(job.id, job);
    this.#liveOf(job.spec.name).add(job);
    this.#hold(job);
  }

  /** To be called for each that has begun anew. */
  addAgain(job: MemoryJob): void {
    const { name } = job.spec;
    this.#hold(job);
    if (this.#liveOf(name).has(job)) return;
    const live = [...this.#jobs.values()].filter((each) => {
      return each.spec.name === name && (each === job || isLive(each));
    });
    this.#live.set(name, new Set(live));
  }

  remove(job: MemoryJob): void {
    this.#jobs.delete(job.id);
    this.#liveOf(job.spec.name).delete(job);
    const place = placeOf(job);
    if (this.#holders.get(place) === job) this.#holders.delete(place);
  }

  get(id: string): MemoryJob | undefined {
    const job = this.#jobs.get(id);
    if (job !== undefined) this.#update([job]);
    return this.#jobs.get(id);
  }

  all(): MemoryJob[] {
    this.#lookedAtEnded = this.now;
    this.#update(this.#jobs.values());
    return [...this.#jobs.values()];
  }

  /** Those of these names that wait or run, by default of all: however many have ended, that takes no longer. */
  live(names: Iterable<string> = this.#live.keys()): MemoryJob[] {
    if (this.now >= this.#lookedAtEnded + endedInterval) this.all();
    return Array.from(names, (name) => {
      const live = this.#liveOf(name);
      this.#update(live);
      for (const job of live) if (!isLive(job)) live.delete(job);
      return [...live];
    }).flat();
  }

  /** Those that may be claimed by now, of these names, by default of all, but those that are stopped. */
  ready(names?: Iterable<string>): MemoryJob[] {
    const { now } = this;
    return this.live(names).filter(
      ({ phase, readyAt, spec: { name } }) =>
        phase === 'ready' && readyAt <= now && !this.paused.has(name),
    );
  }

  /** Whether a job with this key waits or runs. */
  isTaken(name: string, key: string | undefined): boolean {
    return key !== undefined && this.holderOf(name, key) !== undefined;
  }

  /** The job with this key that waits or runs. */
  holderOf(name: string, key: string): MemoryJob | undefined {
    const job = this.#holders.get(`${name}:${key}`);
    if (job === undefined) return undefined;
    this.#update([job]);
    return job.key === key && isLive(job) ? job : undefined;
  }

  #hold(job: MemoryJob): void {
    if (job.key !== undefined) this.#holders.set(placeOf(job), job);
  }

  #liveOf(name: string): Set<MemoryJob> {
    const live = this.#live.get(name) ?? new Set();
    this.#live.set(name, live);
    return live;
  }

  /** What has happened to these by now: leases that ran out, and the end of the time that jobs are kept. */
  #update(jobs: Iterable<MemoryJob>): void {
    if (this.#isMoving) return;
    const { now } = this;
    for (const job of jobs) {
      if (job.phase === 'active' && job.leasedUntil <= now) {
        endAttempt(job, describeError(diedRun()), now);
        if (stateOf(job, now) === 'failed') this.onDied(job);
      }
      const age = keepRule(job)?.age ?? Infinity;
      if (now - (job.endedAt ?? now) >= age) this.remove(job);
    }
  }

  /** Deletes what is over the count of its rule, after the end of a job of this name. */
  trim({ spec: { name, keep } }: MemoryJob): void {
    for (const rule of [keep.completed, keep.failed]) {
      if (rule.count === Infinity) continue;
      const ended = [...this.#jobs.values()]
        .filter((job) => job.spec.name === name && keepRule(job) === rule)
        .toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
      for (const job of ended.slice(rule.count)) this.remove(job);
    }
  }
}

function placeOf({ spec: { name }, key = '' }: MemoryJob): string {
  return `${name}:${key}`;
}

function isLive({ phase }: MemoryJob): boolean {
  return phase === 'ready' || phase === 'active';
}
