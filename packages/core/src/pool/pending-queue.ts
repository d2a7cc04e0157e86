import type { JobExtras } from '../job/extras.ts';
import type { JobRecord } from '../job/record.ts';
import { JobList } from './job-list.ts';
import { JobOrder } from './job-order.ts';
import type { Keys } from './keys.ts';
import type { ReleasedJobs } from './released-jobs.ts';

/** The jobs that wait for a slot, and those that wait for something else before they may. */
export class PendingQueue {
  size = 0;
  /** How many could start now. */
  ready = 0;
  /** Where keys are limited or take turns. */
  readonly keys: Keys | undefined;
  readonly #ready = new JobOrder();
  /** Those that need no slot. */
  readonly #slotless = new JobOrder();
  #slotlessCount = 0;
  readonly #blocked = new JobList();
  /** How many of the ready ones have a key. */
  #keyed = 0;

  constructor(keys: Keys | undefined) {
    this.keys = keys;
  }

  push(job: JobRecord): void {
    this.size += 1;
    const { extras } = job;
    if (extras === undefined) {
      this.#ready.push(job);
      this.ready += 1;
    } else {
      this.#change(extras, 1, (order) => {
        order.push(job);
      });
    }
  }

  block(job: JobRecord): void {
    this.size += 1;
    this.#blocked.push(job);
  }

  /** Moves a blocked job to where it would stand had it never been blocked. */
  release(job: JobRecord): void {
    const extras = job.extend();
    extras.released = true;
    this.#blocked.remove(job);
    this.#change(extras, 1, (order) => {
      order.insert(job);
    });
  }

  remove(job: JobRecord): void {
    this.size -= 1;
    const { extras } = job;
    if (extras === undefined) {
      this.#ready.remove(job);
      this.ready -= 1;
    } else if (extras.blocked) {
      this.#blocked.remove(job);
    } else {
      this.#change(extras, -1, (order) => {
        order.remove(job);
      });
    }
  }

  /** So many more of the job's key run. */
  count(job: JobRecord, more: 1 | -1): void {
    this.keys?.count(job, more);
    this.#countKeyed();
  }

  /** Whether a job that needs no slot could start now. */
  get hasSlotless(): boolean {
    return this.#slotlessCount > 0;
  }

  /** The job whose turn it is: of the highest priority, or the oldest of all. */
  next(oldest: boolean, hasSlot: boolean): JobRecord | undefined {
    if (this.hasSlotless) return this.#slotless.next(oldest);
    if (!hasSlot) return undefined;
    const job = this.#ready.next(oldest);
    return this.keys === undefined ? job : this.keys.next(oldest, job);
  }

  /** The oldest job of each list that it consists of; of the blocked ones it may be another that is blocked again. */
  get heads(): (JobRecord | undefined)[] {
    const ready = this.#ready.next(true);
    return [ready, this.#slotless.next(true), ...(this.keys?.heads ?? []), this.#blocked.head];
  }

  /** The list that has all its jobs, oldest first, if they are in one. */
  get onlyList(): JobList | undefined {
    const [list, ...others] = this.#used;
    // Blocked jobs stand in the order in which they were blocked, which may be that of their last attempts.
    return others.length === 0 && list instanceof JobList && list !== this.#blocked
      ? list
      : undefined;
  }

  /** Adds its jobs to a snapshot, oldest first. */
  addTo(snapshot: JobRecord[]): void {
    const { onlyList } = this;
    if (onlyList !== undefined) {
      onlyList.addTo(snapshot);
      return;
    }
    const jobs: JobRecord[] = [];
    for (const list of this.#used) list.addTo(jobs);
    for (const job of jobs.toSorted((a, b) => a.ordinal - b.ordinal)) snapshot.push(job);
  }

  get #used(): (JobList | ReleasedJobs)[] {
    const orders = [this.#ready, this.#slotless, ...(this.keys === undefined ? [] : [this.keys])];
    const lists = [this.#blocked, ...orders.flatMap((order) => order.lists)];
    return lists.filter(({ size }) => size > 0);
  }

  #orderOf({ slotless, lane }: JobExtras<JobRecord>): JobOrder | Keys {
    if (slotless) return this.#slotless;
    return lane === undefined || this.keys === undefined ? this.#ready : this.keys;
  }

  #change(
    extras: JobExtras<JobRecord>,
    more: 1 | -1,
    change: (order: JobOrder | Keys) => void,
  ): void {
    const order = this.#orderOf(extras);
    change(order);
    if (order === this.keys) {
      this.#countKeyed();
      return;
    }
    this.ready += more;
    if (order === this.#slotless) this.#slotlessCount += more;
  }

  #countKeyed(): void {
    const keyed = this.keys?.ready ?? 0;
    this.ready += keyed - this.#keyed;
    this.#keyed = keyed;
  }
}
