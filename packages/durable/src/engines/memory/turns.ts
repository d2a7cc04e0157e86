import type { MemoryJobs } from './jobs.ts';
import type { MemoryJob } from './memory-job.ts';

/** Whose turn it is among the jobs that are ready. */
export class MemoryTurns {
  readonly #jobs: MemoryJobs;
  /** When jobs of names with a rate started, in epoch ms, the oldest first. */
  readonly #starts = new Map<string, number[]>();
  #turn = 0;

  constructor(jobs: MemoryJobs) {
    this.#jobs = jobs;
  }

  /** At most `max` jobs: of each name in turn the one of the highest priority, of the same the oldest. */
  choose(
    ready: readonly MemoryJob[],
    max: number,
    limits: ReadonlyMap<string, number> = new Map(),
  ): MemoryJob[] {
    const queues = queuesOf(ready);
    this.#turn += 1;
    const first = this.#turn % Math.max(1, queues.length);
    const turns = [...queues.slice(first), ...queues.slice(0, first)].map((queue) => {
      return this.#allowed(queue, limits);
    });
    const chosen: MemoryJob[] = [];
    for (
      let round = 0;
      chosen.length < max && turns.some((queue) => queue.length > round);
      round += 1
    ) {
      chosen.push(...turns.flatMap((queue) => queue.slice(round, round + 1)));
    }
    const taken = chosen.slice(0, max);
    for (const { spec } of taken) this.#starts.get(spec.name)?.push(this.#jobs.now);
    return taken;
  }

  /** Those of the jobs that the limits of their definitions allow to start now. */
  mayStart(ready: readonly MemoryJob[]): MemoryJob[] {
    return queuesOf(ready).flatMap((queue) => this.#allowed(queue, new Map()));
  }

  /** Those of one name that its limits allow. */
  #allowed(queue: readonly MemoryJob[], limits: ReadonlyMap<string, number>): MemoryJob[] {
    const [{ spec } = { spec: undefined }] = queue;
    if (spec === undefined) return [];
    const { name, perKey = Infinity, rate } = spec;
    const running = new Map<string, number>();
    for (const { phase, group } of this.#jobs.live([name])) {
      if (phase !== 'active' || group === undefined) continue;
      running.set(group, (running.get(group) ?? 0) + 1);
    }
    const free = queue.filter(({ group }) => {
      if (group === undefined) return true;
      const count = running.get(group) ?? 0;
      running.set(group, count + 1);
      return count < perKey;
    });
    let most = limits.get(name) ?? Infinity;
    if (rate !== undefined) {
      const since = this.#jobs.now - rate.per;
      const starts = (this.#starts.get(name) ?? []).filter((start) => start > since);
      this.#starts.set(name, starts);
      most = Math.min(most, rate.starts - starts.length);
    }
    return free.slice(0, Math.max(0, Math.min(most, free.length)));
  }
}

/** The jobs of each name, those of the highest priority first, of the same the oldest. */
function queuesOf(ready: readonly MemoryJob[]): MemoryJob[][] {
  const byName = new Map<string, MemoryJob[]>();
  for (const job of ready.toSorted((a, b) => b.priority - a.priority)) {
    const { name } = job.spec;
    const queue = byName.get(name) ?? [];
    byName.set(name, queue);
    queue.push(job);
  }
  return [...byName.values()];
}
