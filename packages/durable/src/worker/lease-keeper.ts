import type { Scheduler } from '@outlive/core';
import type { JobBackend, Outcome } from '../backend.ts';
import { LeaseLostError } from '../errors.ts';
import type { HeldLease } from './active-lease.ts';
import { pause } from '../util/waiting.ts';

const tick = 500;
const longestPause = 1_000;

/** Keeps leases alive while their jobs run, and records how these end. */
export class LeaseKeeper {
  readonly #scheduler: Scheduler;
  readonly #backend: JobBackend;
  readonly #held = new Set<HeldLease>();
  readonly #settling = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #ending = false;
  /** Told already. */
  #renewalFails = false;

  constructor(scheduler: Scheduler, backend: JobBackend) {
    this.#scheduler = scheduler;
    this.#backend = backend;
  }

  hold(held: HeldLease): void {
    this.#held.add(held);
    // Not what holds the process: the job that the lease is for does.
    this.#timer ??= setInterval(() => {
      this.#tick();
    }, tick).unref();
  }

  /** Records the end of a run; tries until it is written, or the lease has run out. Never rejects. */
  settle(held: HeldLease, outcome: Outcome): Promise<void> {
    if (held.state !== 'held') return Promise.resolve();
    held.state = 'settling';
    const settling = this.#record(held, outcome).finally(() => {
      this.#settling.delete(settling);
    });
    this.#settling.add(settling);
    return settling;
  }

  /** Releases what still is held, whatever its handlers do. */
  async releaseAll(): Promise<void> {
    this.#ending = true;
    for (const held of this.#held) void this.settle(held, { kind: 'release' });
    await Promise.all(this.#settling);
    for (const held of this.#held) this.#drop(held);
  }

  async #record(held: HeldLease, outcome: Outcome): Promise<void> {
    for (let delay = 50; !held.isOver; delay = Math.min(2 * delay, longestPause)) {
      try {
        // `false` after a failed try may mean that the try had come through: there is nothing to tell.
        const kept = await this.#backend.settle(held.lease, outcome);
        if (!kept && delay === 50) this.#tellLost(held);
        this.#drop(held);
        return;
      } catch (error) {
        if (delay === 50) this.#tell('Recording the end of a job failed', error, held);
        if (this.#ending) return;
        await pause(delay);
      }
    }
  }

  #tick(): void {
    const now = performance.now();
    const due: HeldLease[] = [];
    for (const held of this.#held) {
      if (held.hasExpired(now)) this.#lose(held);
      else if (held.isDue(now)) due.push(held);
    }
    if (due.length === 0) return;
    for (const held of due) held.triedAt = now;
    void this.#renew(due, now);
  }

  async #renew(due: readonly HeldLease[], now: number): Promise<void> {
    try {
      const lost = new Set(await this.#backend.renew(due.map(({ lease }) => lease)));
      this.#renewalFails = false;
      for (const held of due) {
        if (!lost.has(held.lease)) held.renewedAt = Math.max(held.renewedAt, now);
        // One whose end is being recorded may just have become unknown by that.
        else if (held.state === 'held') this.#lose(held);
      }
    } catch (error) {
      if (!this.#renewalFails) this.#tell('Renewing leases failed', error);
      this.#renewalFails = true;
    }
  }

  #lose(held: HeldLease): void {
    if (held.isOver) return;
    this.#drop(held);
    const reason = this.#tellLost(held);
    // Its outcome goes nowhere, so nobody waits for it either.
    void held.job?.close({ reason, timeout: Infinity }).catch(() => undefined);
  }

  #drop(held: HeldLease): void {
    held.state = 'over';
    this.#held.delete(held);
    if (this.#held.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tellLost(held: HeldLease): LeaseLostError {
    const { id, name } = held.lease;
    const error = new LeaseLostError(
      `The lease of job ${name} ${id} was lost: it may be running elsewhere`,
    );
    this.#tell('Lease lost', error, held);
    return error;
  }

  #tell(message: string, exception: unknown, held?: HeldLease): void {
    this.#scheduler.callExceptionHandler({ message, exception, job: held?.job });
  }
}
