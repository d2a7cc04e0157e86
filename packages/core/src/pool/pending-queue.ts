import type { JobExtras } from '../job/extras.ts';
import type { JobRecord } from '../job/record.ts';
import { JobList } from './job-list.ts';
import { JobOrder } from './job-order.ts';
import type { Keys } from './keys.ts';

/** The jobs that wait for a slot, and those that wait for something else before they may. */
export class PendingQueue {
  /** Where keys are limited or take turns. */
  readonly keys: Keys | undefined;
  readonly #ready = new JobOrder();
  /** Those that need no slot. */
  readonly #slotless = new JobOrder();
  readonly #blocked = new JobList();

  constructor(keys: Keys | undefined) {
    this.keys = keys;
  }

  /** How many could start now. */
  get ready(): number {
    const keyed = this.keys === undefined ? 0 : this.keys.ready;
    return this.#ready.size + this.#slotless.size + keyed;
  }

  get size(): number {
    const heldBack = this.keys === undefined ? 0 : this.keys.heldBack;
    return this.ready + heldBack + this.#blocked.size;
  }

  push(job: JobRecord): void {
    const { extras } = job;
    if (extras === undefined) this.#ready.push(job);
    else this.#orderOf(extras).push(job);
  }

  block(job: JobRecord): void {
    this.#blocked.push(job);
  }

  /** Moves a blocked job to where it would stand had it never been blocked. */
  release(job: JobRecord): void {
    this.#blocked.remove(job);
    this.#orderOf(job.extend()).insert(job);
  }

  remove(job: JobRecord): void {
    const { extras } = job;
    if (extras === undefined) this.#ready.remove(job);
    else if (extras.blocked) this.#blocked.remove(job);
    else this.#orderOf(extras).remove(job);
  }

  /** The job whose turn it is: of the highest priority, or the oldest of all. */
  next(oldest: boolean): JobRecord | undefined {
    const job = this.#ready.next(oldest);
    return this.keys === undefined ? job : this.keys.next(oldest, job);
  }

  /** How many could start now without a slot. */
  get slotless(): number {
    return this.#slotless.size;
  }

  /** The one among those that need no slot. */
  nextSlotless(oldest: boolean): JobRecord | undefined {
    return this.#slotless.next(oldest);
  }

  /** Adds its jobs to a snapshot, oldest first. */
  addTo(snapshot: JobRecord[]): void {
    const orders = [this.#ready, this.#slotless, ...(this.keys === undefined ? [] : [this.keys])];
    const lists = [this.#blocked, ...orders.flatMap((order) => order.lists)];
    const used = lists.filter(({ size }) => size > 0);
    // Blocked jobs stand in the order in which they were blocked, which may be that of their last attempts.
    if (used.length === 1 && used[0] !== this.#blocked) {
      used[0]?.addTo(snapshot);
      return;
    }
    const jobs: JobRecord[] = [];
    for (const list of used) list.addTo(jobs);
    for (const job of jobs.toSorted((a, b) => a.ordinal - b.ordinal)) snapshot.push(job);
  }

  #orderOf({ slotless, lane }: JobExtras<JobRecord>): JobOrder | Keys {
    if (slotless) return this.#slotless;
    return lane === undefined || this.keys === undefined ? this.#ready : this.keys;
  }
}
