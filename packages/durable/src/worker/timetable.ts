import type { Scheduler } from '@outlive/core';
import type { StoreClock } from '../backend.ts';
import type { JobSchedules } from '../backend-schedules.ts';
import { storePublicly } from '../durable-events.ts';
import type { JobDefinition } from '../job-definition.ts';
import type { ResolvedSchedule } from '../schedule-options.ts';

/** Time in ms that a job may be stored late: a due time before that was missed, unless another process has met it. */
const latest = 60_000;
/** Longest time in ms between two looks at the clock, which may be set. */
const longestWait = 30_000;
/** Time in ms after which a job that could not be stored is tried again. */
const retryPause = 1_000;

/** What a store has for schedules. */
export interface ScheduleStore {
  readonly schedules: JobSchedules;
  readonly clock?: StoreClock | undefined;
}

interface Entry {
  readonly name: string;
  readonly schedule: ResolvedSchedule;
  /** Epoch ms. */
  next: number;
}

/**
 * Stores the jobs of the schedules when they are due. Every process that works does so, and the store takes one of each:
 * the engines' own schedulers would not do it for every time that is due (BullMQ has one job of a schedule at a time), nor
 * to the second (pg-boss), nor alike.
 */
export class Timetable {
  readonly #store: JobSchedules;
  readonly #entries: readonly Entry[];
  readonly #now: () => number;
  readonly #report: (error: unknown) => void;
  /** Whose events they are. */
  #scheduler: Scheduler | undefined;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #ended = false;
  #fails = false;

  private constructor(
    { schedules, clock }: ScheduleStore,
    entries: readonly Entry[],
    report: (error: unknown) => void,
  ) {
    this.#store = schedules;
    this.#entries = entries;
    this.#now = nowOf(clock);
    this.#report = report;
    clock?.onAdvance(() => this.#storePassed());
  }

  /**
   * @param report - receives the errors of a store that does not take a job; each is tried again
   * @throws the engine's error (rejects)
   */
  static async open(
    store: ScheduleStore,
    definitions: ReadonlyMap<string, JobDefinition>,
    report: (error: unknown) => void,
  ): Promise<Timetable> {
    const planned = [...new Set(definitions.values())].flatMap(({ name, options }) =>
      options.schedules.map((schedule) => ({ name, schedule })),
    );
    const refs = planned.map(({ name, schedule: { id } }) => ({ name, id }));
    const now = nowOf(store.clock)();
    const lastDue = await store.schedules.replace([...definitions.keys()], refs, now);
    const entries = planned.map(({ name, schedule }, index) => {
      return { name, schedule, next: schedule.times.next(lastDue[index] ?? now) };
    });
    return new Timetable(store, entries, report);
  }

  start(scheduler: Scheduler): void {
    this.#scheduler = scheduler;
    // What was due before this start has been missed by all, or is being stored by another process.
    this.#work = this.#storeDue(0);
  }

  /** Stores nothing more once it resolves. */
  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#work;
  }

  async #storeDue(allowed: number): Promise<void> {
    if (this.#entries.length === 0) return;
    try {
      for (const entry of this.#entries) await this.#catchUp(entry, allowed);
      this.#fails = false;
      this.#waitForNext();
    } catch (error) {
      if (!this.#fails) this.#report(error);
      this.#fails = true;
      this.#wait(retryPause, allowed);
    }
  }

  /** @param allowed - time in ms that a job may be late before its time counts as missed */
  async #catchUp(entry: Entry, allowed: number): Promise<void> {
    const { schedule } = entry;
    for (let now = this.#now(); entry.next <= now && !this.#ended; now = this.#now()) {
      if (entry.next < now - allowed) {
        // Of those that were missed, the last one, or none; what is not yet late comes after it.
        if (schedule.missed === 'none') {
          entry.next = schedule.times.next(now - allowed);
          continue;
        }
        entry.next = Math.max(schedule.times.last(now - allowed), entry.next);
      }
      const due = entry.next;
      await this.#enqueue(entry, due);
      entry.next = Math.max(entry.next, schedule.times.next(due));
    }
  }

  /** Time was moved on in one step, and this process has lived through it: nothing was missed. */
  #storePassed(): void {
    if (this.#ended || this.#scheduler === undefined) return;
    const now = this.#now();
    for (;;) {
      const [first] = this.#entries.toSorted((a, b) => a.next - b.next);
      if (first === undefined) return;
      if (first.next > now) break;
      this.#enqueue(first, first.next).catch(this.#report);
      first.next = first.schedule.times.next(first.next);
    }
    this.#waitForNext();
  }

  async #enqueue({ name, schedule: { id, payload, group } }: Entry, due: number): Promise<void> {
    const scheduler = this.#scheduler;
    if (scheduler === undefined) return;
    const storing = { name, count: 1, inTransaction: false };
    await storePublicly(scheduler, storing, async (headers) => [
      await this.#store.enqueue({ name, payload, group, headers }, id, due),
    ]);
  }

  #waitForNext(): void {
    const next = Math.min(...this.#entries.map((entry) => entry.next));
    this.#wait(Math.min(Math.max(0, next - this.#now()), longestWait), latest);
  }

  #wait(delay: number, allowed: number): void {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    // Without holding the process: claiming does.
    this.#timer = setTimeout(() => {
      this.#work = this.#storeDue(allowed);
    }, delay).unref();
  }
}

function nowOf(clock: StoreClock | undefined): () => number {
  return () => clock?.now() ?? Date.now();
}
