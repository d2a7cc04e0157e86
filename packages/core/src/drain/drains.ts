import type { JobContext } from '../job.ts';
import type { JobRecord } from '../job/record.ts';
import { SchedulerClosedError } from '../errors.ts';
import type { SchedulerEvents } from '../events/scheduler-events.ts';
import type { Group } from '../group.ts';
import type { ResolvedDrainOptions } from '../drain-options.ts';
import type { Shield } from '../shield.ts';
import { newController } from '../util/new-controller.ts';
import { handled } from '../util/observed-promise.ts';
import { Drain } from './drain.ts';
import type { DrainHost } from './drain-host.ts';
import { Idle } from './idle.ts';
import { LeftOut, type Work } from './left-out.ts';

/** The drains of one pool that are under way, its close, and the calls that wait until it is idle. */
export class Drains {
  readonly #host: DrainHost;
  readonly #drains = new Set<Drain>();
  readonly #leftOut: LeftOut;
  readonly #idle: Idle;
  readonly #idleLeavingOut: Idle;
  #controller: AbortController | undefined;
  #closing: Drain | undefined;
  readonly #onEnd: () => void;

  readonly #events: SchedulerEvents;

  /** @param onEnd - called when a drain, or the wait of an `idle()`, is over */
  constructor(host: DrainHost, events: SchedulerEvents, onEnd: () => void) {
    this.#host = host;
    this.#events = events;
    this.#onEnd = onEnd;
    this.#leftOut = new LeftOut(host);
    this.#idle = new Idle(() => host.countWork(undefined));
    this.#idleLeavingOut = new Idle(
      () => host.countWork(undefined) - this.#leftOut.count('all', undefined),
    );
  }

  /** Whether the end of a job may matter to anything here. */
  get watching(): boolean {
    const waiting = this.#drains.size + this.#idle.size + this.#idleLeavingOut.size;
    return waiting + this.#leftOut.size > 0;
  }

  /** Aborted while a drain is under way, and once the pool is closed. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = newController();
      if (this.#isClosing || this.#drains.size > 0) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Whether a close has begun to cancel: nothing goes on after it. */
  get #isClosing(): boolean {
    return this.#closing?.cancelling === true;
  }

  /** A drain of a group, or of everything; a `held` one is not over before its `release()`. */
  drain(options: ResolvedDrainOptions & { group?: Group | undefined; held?: boolean }): Drain {
    return this.#isClosing ? this.waitAndClose(options) : this.#begin(options, false);
  }

  /** A drain, and then the end for good; joins an end that has begun. */
  waitAndClose(options: ResolvedDrainOptions): Drain {
    if (this.#closing === undefined) return this.#begin(options, true);
    this.join(this.#closing, options.from);
    return this.#closing;
  }

  /** A further call waits for the drain, and is left out by it. */
  join(drain: Drain, from: readonly JobContext[]): void {
    if (!this.#drains.has(drain)) return;
    drain.leaveOut(this.#enter(from));
    this.progress();
  }

  /** Whether a drain waits for the jobs of this owner to end by themselves. */
  waitFor(owner: object): boolean {
    for (const { cancelling, group } of this.#drains) {
      if (!cancelling && (group === undefined || group === owner)) return true;
    }
    return false;
  }

  idle(signal: AbortSignal | undefined, from: readonly JobContext[]): Promise<void> {
    if (this.#isClosing) {
      return handled(Promise.reject(new SchedulerClosedError()));
    }
    if (signal?.aborted) return handled(Promise.reject(signal.reason as Error));
    const leavesOut = this.#enter(from);
    const leave = (): void => {
      this.#leave(leavesOut);
    };
    const idle = (leavesOut.length > 0 ? this.#idleLeavingOut : this.#idle).wait(signal);
    this.progress();
    void idle.then(leave, leave);
    return idle;
  }

  jobEnded(job: JobRecord): void {
    if (this.#drains.size > 0) for (const drain of this.#drains) drain.jobEnded(job);
    if (this.#leftOut.size > 0) this.#leftOut.ended(job);
  }

  shieldEnded(shield: Shield): void {
    this.#leftOut.ended(shield);
    this.progress();
  }

  /** Something has ended: perhaps that was the last. */
  progress(): void {
    // Looked at first: to walk through an empty set costs an iterator, at the end of each job that an `idle()` awaits.
    if (this.#drains.size > 0) for (const drain of this.#drains) drain.progress();
    this.#idle.progress();
    this.#idleLeavingOut.progress();
  }

  /** What of `from` is to be left out waits from here on: no drain that leaves anything out waits for it. */
  #enter(from: readonly JobContext[]): readonly Work[] {
    const entered = this.#leftOut.enter(from);
    for (const drain of this.#drains) drain.spare(entered);
    return entered;
  }

  #leave(entered: readonly Work[]): void {
    this.#leftOut.leave(entered);
    this.#onEnd();
  }

  #begin(
    options: ResolvedDrainOptions & { group?: Group | undefined; held?: boolean },
    final: boolean,
  ): Drain {
    const drain = new Drain(this.#host, this.#leftOut, { ...options, final }, () => {
      this.#ended(drain);
    });
    if (final) this.#closing = drain;
    this.#drains.add(drain);
    drain.leaveOut(this.#enter(options.from));
    this.#controller?.abort();
    // A close without grace is none.
    if (!final || options.timeout > 0) {
      this.#events.drains(options.timeout, options.group === undefined, drain.promise);
    }
    drain.begin(options.timeout);
    if (!drain.cancelling) this.#host.hurry(options.group);
    // What is left out from now on, the other drains and `idle()` calls need not wait for any more.
    this.progress();
    return drain;
  }

  #ended(drain: Drain): void {
    this.#drains.delete(drain);
    if (drain.final) this.#endEverything();
    else if (this.#drains.size === 0 && !this.#isClosing) {
      this.#controller = undefined;
    }
    // When its callers hear of it: until then the drains that end with it leave the same out.
    void drain.promise.then(() => {
      this.#leave(drain.from);
    });
    this.#onEnd();
  }

  /** Leaves no promise pending that was given out. */
  #endEverything(): void {
    for (const other of this.#drains) other.finish();
    const error = new SchedulerClosedError();
    this.#idle.rejectAll(error);
    this.#idleLeavingOut.rejectAll(error);
    for (const shield of this.#host.openShields(undefined)) shield.abandon(error);
  }
}
