import type { NewJob } from '../../backend.ts';
import type { MemoryJobs } from './jobs.ts';

/** Which jobs may be stored beside others of the same key. */
export class MemoryKeys {
  readonly #jobs: MemoryJobs;
  /** The ends of windows, in epoch ms, by name and key. */
  readonly #windows = new Map<string, number>();

  constructor(jobs: MemoryJobs) {
    this.#jobs = jobs;
  }

  /**
   * @param add - adds the job, with a key if it is to hold one
   * @returns the id of the job; `null` if the key is taken
   */
  store(job: NewJob, add: (key: string | undefined) => string): string | null {
    const { name, key, window, replace = false } = job;
    if (key === undefined) return add(undefined);
    if (window !== undefined) return this.#isOpen(name, key, window) ? add(undefined) : null;
    if (replace) return this.#replace(job, key) ?? add(key);
    return this.#jobs.isTaken(name, key) ? null : add(key);
  }

  #isOpen(name: string, key: string, window: number): boolean {
    const { now } = this.#jobs;
    for (const [each, end] of this.#windows) if (end <= now) this.#windows.delete(each);
    const place = `${name}:${key}`;
    if (this.#windows.has(place)) return false;
    this.#windows.set(place, now + window);
    return true;
  }

  /** The id of the job that has become this one. */
  #replace(job: NewJob, key: string): string | undefined {
    const { name, payload, delay = 0, priority = 0 } = job;
    const holder = this.#jobs.holderOf(name, key);
    if (holder?.phase === 'ready') {
      const readyAt = this.#jobs.now + delay;
      Object.assign(holder, { payload: JSON.stringify(payload), priority, readyAt });
      return holder.id;
    }
    if (holder !== undefined) holder.key = undefined;
    return undefined;
  }
}
