import type { Scheduler } from '@outlive/core';
import type { JobBackend, Outcome } from '../backend.ts';
import { publishEnd } from '../durable-events.ts';
import { LeaseLostError } from '../errors.ts';
import { storeFailure } from '../store-failure.ts';
import { pause } from '../util/waiting.ts';
import { ActiveLease } from './active-lease.ts';
import { Cancellations } from './cancellations.ts';

/** Time in ms between two looks for leases to renew. */
const tick = 500;
/** Times in ms between two tries to record an end; the first, and the longest. */
const firstPause = 50;
const longestPause = 1_000;

/** What a keeper asks and tells. */
export interface LeaseKeeperOptions {
  /** Is told the ids of jobs whose runs have ended. */
  readonly ended: (id: string) => void;
  /** Whether the slot of a job that ends is for another stored one. */
  readonly wantsNext: () => boolean;
}

/** Renews leases while their jobs run, and records how these end. */
export class LeaseKeeper {
  readonly #scheduler: Scheduler;
  readonly #backend: JobBackend;
  readonly #options: LeaseKeeperOptions;
  readonly #cancellations: Cancellations;
  readonly #leases = new Set<ActiveLease>();
  readonly #settling = new Set<Promise<boolean>>();
  #timer: NodeJS.Timeout | undefined;
  #ending = false;
  #hasGivenUp = false;
  /** Whether the last renewal failed, as was reported then. */
  #renewalFails = false;

  constructor(scheduler: Scheduler, backend: JobBackend, options: LeaseKeeperOptions) {
    this.#scheduler = scheduler;
    this.#backend = backend;
    this.#options = options;
    this.#cancellations = new Cancellations(backend.runs);
    // In the time that is skipped, they would have been renewed again and again.
    backend.clock?.onAdvance(() => void this.#renew([...this.#leases], performance.now()));
  }

  add(active: ActiveLease): void {
    this.#leases.add(active);
    // Without holding the process: the job of the lease does.
    this.#timer ??= setInterval(() => {
      this.#tick();
    }, tick).unref();
  }

  /**
   * Records the end of a run; tries until it is recorded, the lease has run out, or `giveUp()` is called. Never rejects.
   *
   * @returns whether it is recorded
   */
  settle(active: ActiveLease, outcome: Outcome): Promise<boolean> {
    if (active.state !== 'active') return Promise.resolve(false);
    active.state = 'settling';
    const settling = this.#record(active, outcome).finally(() => {
      this.#settling.delete(settling);
    });
    this.#settling.add(settling);
    return settling;
  }

  /**
   * Keeps what a run reports of its progress.
   *
   * @throws LeaseLostError or JobStoreError (rejects)
   */
  async progress(active: ActiveLease, value: unknown): Promise<void> {
    if (active.isOver) throw lostLease(active);
    try {
      if (await this.#backend.runs.progress(active.lease, value)) return;
    } catch (error) {
      throw storeFailure(this.#backend, 'does not answer', error);
    }
    throw lostLease(active);
  }

  /** Hands back all leases that are left, whatever their handlers do. */
  async releaseAll(): Promise<void> {
    this.#ending = true;
    for (const active of this.#leases) void this.settle(active, { kind: 'release' });
    await Promise.all(this.#settling);
    for (const active of this.#leases) this.#drop(active);
  }

  /** Nothing is tried again from here on: other processes have the jobs when their leases are over. */
  giveUp(): void {
    this.#hasGivenUp = true;
  }

  async #record(active: ActiveLease, outcome: Outcome): Promise<boolean> {
    for (let delay = firstPause; !active.isOver; delay = Math.min(2 * delay, longestPause)) {
      const isFirst = delay === firstPause;
      try {
        const wasGood = isFirst
          ? await this.#settleFirst(active, outcome)
          : await this.#backend.settle(active.lease, outcome);
        // After a failed try, `false` may mean that this try had come through.
        if (!wasGood && isFirst) this.#reportLost(active);
        this.#drop(active);
        this.#options.ended(active.lease.id);
        if (wasGood || !isFirst) publishEnd(this.#scheduler, active, outcome);
        return wasGood || !isFirst;
      } catch (error) {
        if (isFirst) this.#reportStore('Recording the end of a job failed', error, active);
        if (this.#hasGivenUp) return false;
        await pause(delay);
      }
    }
    return false;
  }

  /** The first try, which may bring another lease along: after a failure nobody would know of it. */
  async #settleFirst(active: ActiveLease, outcome: Outcome): Promise<boolean> {
    const { lease, definition } = active;
    const mayClaim = outcome.kind === 'done' && !this.#ending && this.#options.wantsNext();
    if (!mayClaim || this.#backend.settleAndClaim === undefined) {
      return this.#backend.settle(lease, outcome);
    }
    const claimedAt = performance.now();
    const { wasGood, next } = await this.#backend.settleAndClaim(lease, outcome);
    if (next !== undefined) {
      active.next = new ActiveLease(next, definition, claimedAt);
      this.add(active.next);
      // By now nobody may start it any more.
      if (this.#ending) await this.settle(active.next, { kind: 'release' });
    }
    return wasGood;
  }

  #tick(): void {
    const now = performance.now();
    const due: ActiveLease[] = [];
    void this.#cancellations.ask(this.#leases, now);
    for (const active of this.#leases) {
      if (active.hasExpired(now)) this.#lose(active);
      else if (active.isDue(now)) due.push(active);
    }
    if (due.length === 0) return;
    for (const active of due) active.triedAt = now;
    void this.#renew(due, now);
  }

  async #renew(due: readonly ActiveLease[], now: number): Promise<void> {
    try {
      const lost = new Set(await this.#backend.renew(due.map(({ lease }) => lease)));
      this.#renewalFails = false;
      for (const active of due) {
        if (!lost.has(active.lease)) active.renewedAt = Math.max(active.renewedAt, now);
        // A lease whose end is being recorded may have ended just by that.
        else if (active.state === 'active') this.#lose(active);
      }
    } catch (error) {
      if (!this.#renewalFails) this.#reportStore('Renewing leases failed', error);
      this.#renewalFails = true;
    }
  }

  #lose(active: ActiveLease): void {
    if (active.isOver) return;
    this.#drop(active);
    const reason = this.#reportLost(active);
    // The outcome is not recorded any more, so this does not wait for it either.
    void active.job?.close({ reason, timeout: Infinity }).catch(() => undefined);
  }

  #drop(active: ActiveLease): void {
    active.state = 'over';
    this.#leases.delete(active);
    if (this.#leases.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #reportLost(active: ActiveLease): LeaseLostError {
    const error = lostLease(active);
    this.#report('Lease lost', error, active);
    return error;
  }

  #reportStore(message: string, error: unknown, active?: ActiveLease): void {
    this.#report(message, storeFailure(this.#backend, 'does not answer', error), active);
  }

  #report(message: string, exception: unknown, active?: ActiveLease): void {
    this.#scheduler.callExceptionHandler({ message, exception, job: active?.job });
  }
}

function lostLease({ lease: { id, name } }: ActiveLease): LeaseLostError {
  return new LeaseLostError(`The lease of job ${name} ${id} was lost: it may be running elsewhere`);
}
