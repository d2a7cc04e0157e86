import { reportStall } from '../events/stall.ts';
import type { JobRecord } from '../job/record.ts';
import { Timer } from '../util/timer.ts';
import type { Clock } from './clock.ts';
import type { JobList } from './job-list.ts';
import type { PendingQueue } from './pending-queue.ts';
import type { StartGate } from './start-gate.ts';

/** The part of the slots that is looked at. */
export interface Watched {
  readonly active: JobList;
  readonly pending: PendingQueue;
  readonly admission: { readonly first: JobRecord | undefined; readonly waiting: JobList };
  readonly gate: StartGate;
  readonly clock: Clock;
  readonly starts: number;
}

/**
 * Notices when all slots are taken by jobs that do not end, while others wait for one. No job costs it anything: a
 * timer, which holds no process, looks every now and then at what has happened since.
 */
export class StallWatch {
  /** Or it is off. */
  #isWatching: boolean;
  readonly #timeout: number;
  readonly #scheduler: object;
  #timer: Timer | undefined;
  /** As it was at the last look. */
  #wasFull = false;
  #ended = 0;
  #isReported = false;

  /** @param timeout - in ms */
  constructor(timeout: number, scheduler: object) {
    this.#timeout = timeout;
    this.#scheduler = scheduler;
    this.#isWatching = timeout === Infinity;
  }

  get hasTimer(): boolean {
    return this.#timer !== undefined;
  }

  /** A job may have to wait because every slot is taken, or the last may have ended. */
  update(slots: Watched): void {
    if (this.#isWatching) {
      if (slots.active.size + slots.pending.size === 0) this.stop();
    } else if (slots.gate.isFull(slots)) this.#look(slots);
  }

  /** The scheduler is idle, or closed. */
  stop(): void {
    this.#timer?.clear();
    this.#timer = undefined;
    this.#isWatching = this.#timeout === Infinity;
    this.#wasFull = false;
  }

  #look(slots: Watched): void {
    const { active, gate, starts } = slots;
    const isFull = gate.isFull(slots);
    const ended = starts - active.size;
    const now = slots.clock.exact;
    const since = beginOf(slots);
    let next = this.#timeout;
    if (isFull && this.#wasFull && ended === this.#ended) {
      if (!this.#isReported) this.#report(slots, Math.max(this.#timeout, now - since));
      this.#isReported = true;
    } else {
      this.#isReported = false;
      // The clock may have been set, or be that of a test.
      if (isFull) next = Math.min(this.#timeout, Math.max(1, this.#timeout - (now - since)));
    }
    this.#wasFull = isFull;
    this.#ended = ended;
    this.#isWatching = true;
    this.#timer = new Timer(
      next,
      () => {
        this.#look(slots);
      },
      false,
    );
  }

  #report({ active, pending, admission }: Watched, stalledFor: number): void {
    const running: JobRecord[] = [];
    active.addTo(running);
    reportStall({
      scheduler: this.#scheduler,
      stalledFor,
      active: running,
      pending: pending.ready + admission.waiting.size,
    });
  }
}

/** When the last job got its slot, or the first that waits began to, whichever is later. */
function beginOf({ active, pending }: Watched): number {
  return Math.max(active.tail?.startTime ?? 0, pending.next(true, true)?.spawnTime ?? 0);
}
