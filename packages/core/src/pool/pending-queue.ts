import type { JobRecord } from '../job/record.ts';
import { JobList } from './job-list.ts';
import { JobOrder } from './job-order.ts';
import { type Keys, laneOf } from './keys.ts';

/** The jobs that wait for a slot, and those that wait for something else before they may. */
export class PendingQueue {
  /** Where keys are limited or take turns. */
  readonly keys: Keys | undefined;
  readonly #ready = new JobOrder();
  readonly #blocked = new JobList();

  constructor(keys: Keys | undefined) {
    this.keys = keys;
  }

  /** How many could start now. */
  get ready(): number {
    return this.#ready.size + (this.keys === undefined ? 0 : this.keys.ready);
  }

  get size(): number {
    const heldBack = this.keys === undefined ? 0 : this.keys.heldBack;
    return this.ready + heldBack + this.#blocked.size;
  }

  push(job: JobRecord): void {
    const lane = this.keys === undefined ? undefined : laneOf(job);
    if (lane === undefined) this.#ready.push(job);
    else this.keys?.push(job, lane);
  }

  block(job: JobRecord): void {
    this.#blocked.push(job);
  }

  /** Moves a blocked job to where it would stand had it never been blocked. */
  release(job: JobRecord): void {
    this.#blocked.remove(job);
    const lane = laneOf(job);
    if (lane === undefined) this.#ready.insert(job);
    else this.keys?.insert(job, lane);
  }

  remove(job: JobRecord): void {
    if (job.extras?.blocked === true) {
      this.#blocked.remove(job);
      return;
    }
    const lane = laneOf(job);
    if (lane === undefined) this.#ready.remove(job);
    else this.keys?.remove(job, lane);
  }

  /** The job whose turn it is: of the highest priority, or the oldest of all. */
  next(oldest: boolean): JobRecord | undefined {
    const job = this.#ready.next(oldest);
    return this.keys === undefined ? job : this.keys.next(oldest, job);
  }

  /** Adds its jobs to a snapshot, oldest first. */
  addTo(snapshot: JobRecord[]): void {
    const lists = [this.#blocked, ...this.#ready.lists, ...(this.keys?.lists ?? [])];
    const used = lists.filter(({ size }) => size > 0);
    if (used.length === 1) {
      used[0]?.addTo(snapshot);
      return;
    }
    const jobs: JobRecord[] = [];
    for (const list of used) list.addTo(jobs);
    for (const job of jobs.toSorted((a, b) => a.ordinal - b.ordinal)) snapshot.push(job);
  }
}
