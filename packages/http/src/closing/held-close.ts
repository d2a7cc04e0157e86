import type { DrainReport, JobContext, Scheduler } from '@outlive/core';
import { type Drain, type Group, type JobRecord, poolOf } from '@outlive/core/internal';
import type { HttpServer } from '../connections/http-server.ts';
import { countWaitsForUpgraded } from '../request/upgraded-waits.ts';
import type { Attachment, Attachments } from './attachments.ts';

/** What one drain of a close will report. */
export interface CloseReport {
  readonly scheduler: Scheduler;
  /** Of all that the scheduler does; else of the server's own jobs. */
  readonly whole: boolean;
  readonly report: Promise<DrainReport>;
}

/** In ms; a scheduler's own `waitTimeout` by default. */
const withoutScheduler = 25_000;

/** One close of a server, from the call of close() until its 'close' event is emitted: the drains in between. */
export class HeldClose {
  readonly #startedAt = performance.now();
  readonly #attachments: Attachments;
  readonly #drains = new Map<Attachment, Drain>();
  /** Jobs that wait for this close: no drain waits for them. */
  readonly #from: JobContext[];
  /**
   * The servers of the shutdown that has begun the close: none of them leaves the rest of a scheduler to
   * another one, and the shutdown says when the grace is over.
   */
  readonly #together: ReadonlySet<HttpServer> | undefined;
  #isGraceOver = false;
  /** Emit the events that are held: one for each call of close(). */
  readonly #held: (() => void)[] = [];

  constructor(
    attachments: Attachments,
    from: readonly JobContext[],
    together: ReadonlySet<HttpServer> | undefined,
  ) {
    this.#attachments = attachments;
    this.#together = together;
    this.#from = [...from];
  }

  /** Not in the constructor: a job whose `drainSignal` aborts by that may call for this very close. */
  begin(): void {
    for (const attachment of this.#attachments.all) this.add(attachment);
  }

  /** The bound counts from the call of `close()`, whenever the scheduler was attached. */
  add(attachment: Attachment): void {
    const { scheduler, whole } = attachment;
    const { waitTimeout, closeTimeout } = scheduler;
    const spent = performance.now() - this.#startedAt;
    const bound = this.#together === undefined ? (whole?.timeout ?? waitTimeout) : Infinity;
    const drain = poolOf(scheduler).drain({
      timeout: this.#isGraceOver ? 0 : Math.max(0, bound - spent),
      closeTimeout: whole?.closeTimeout ?? closeTimeout,
      from: this.#from,
      group: this.#scope(attachment),
      held: true,
    });
    this.#drains.set(attachment, drain);
  }

  /** How long connections that Node does not wait for may hold the event still, in ms. */
  get timeLeft(): number {
    const bounds = this.#attachments.all.map(
      ({ scheduler: { waitTimeout, closeTimeout }, whole }) =>
        (whole?.timeout ?? waitTimeout) + (whole?.closeTimeout ?? closeTimeout),
    );
    const bound = bounds.length === 0 ? withoutScheduler : Math.max(...bounds);
    return Math.max(0, bound - (performance.now() - this.#startedAt));
  }

  /** Waits for these jobs no longer: they wait for this close. */
  leaveOut(from: readonly JobContext[]): void {
    this.#from.push(...from);
    for (const [{ scheduler }, drain] of this.#drains) poolOf(scheduler).join(drain, from);
  }

  get reports(): CloseReport[] {
    return [...this.#drains].map(([attachment, { promise: report }]) => ({
      scheduler: attachment.scheduler,
      whole: this.#scope(attachment) === undefined,
      report,
    }));
  }

  /** The jobs that it waits for. */
  get jobs(): readonly JobRecord[] {
    const scopes = [...this.#drains.keys()].map((attachment) =>
      poolOf(attachment.scheduler).jobsOf(this.#scope(attachment)),
    );
    return scopes.flat();
  }

  /** Cancels what is left but for these jobs. */
  cancelOthers(spared: (job: JobRecord) => boolean): void {
    for (const drain of this.#drains.values()) drain.cancelOthers(spared);
  }

  endGrace(): void {
    this.#isGraceOver = true;
    for (const drain of this.#drains.values()) drain.endGrace();
  }

  /**
   * Resolves when no job is left to wait for, though the server may still be open, but those that wait for
   * an upgraded socket to end, which it need not.
   */
  async whenIdle(): Promise<void> {
    const idle = [...this.#drains].map(async ([attachment, drain]) =>
      drain.whenIdle(() => countWaitsForUpgraded(attachment.scheduler, this.#scope(attachment))),
    );
    await Promise.all(idle);
  }

  /** Holds a 'close' event. Gives whether it is the first: the server has closed. */
  hold(emit: () => void): boolean {
    return this.#held.push(emit) === 1;
  }

  /** The server has closed: gives what is waited for still, if anything is. */
  release(): Promise<unknown> | undefined {
    for (const [attachment, drain] of this.#drains) {
      // One that ran out of time while requests went on missed what they spawned since: no grace for that.
      if (drain.over) this.add(attachment);
      this.#drains.get(attachment)?.release();
    }
    const left = [...this.#drains.values()].filter((drain) => !drain.over);
    return left.length === 0 ? undefined : Promise.all(left.map(({ promise }) => promise));
  }

  /** Emits the events that were held. */
  emit(): void {
    for (const emit of this.#held) emit();
  }

  #scope(attachment: Attachment): Group | undefined {
    return this.#attachments.scope(attachment, this.#together);
  }
}
