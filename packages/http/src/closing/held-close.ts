import { AsyncResource } from 'node:async_hooks';
import type { DrainReport } from '@outlive/core';
import { type Drain, drainHeld, joinDrain } from '@outlive/core/internal';
import type { Tie, Ties } from './attachments.ts';

/** Inside no job: where nobody has asked for the close that is being noticed. */
export const outside: AsyncResource = new AsyncResource('OutliveServerDrain');

/** A close of a server that is being held back: the drains that it waits for, and who waits for it. */
export class Closing {
  /** What waits to be let through: Node's 'close' events, one for each call of close(). */
  readonly held: (() => void)[] = [];
  /** One of them is not Node's: it came early, for insiders. */
  early = false;
  readonly #startedAt = performance.now();
  readonly #ties: Ties;
  readonly #drains = new Map<Tie, Drain>();

  constructor(ties: Ties) {
    this.#ties = ties;
  }

  /** Not in the constructor: a job that is told of the drain may ask for this very close. */
  begin(): void {
    for (const tie of this.#ties.all) this.add(tie);
  }

  /** The bound counts from the call of `close()`, whenever what is drained has come. */
  add(tie: Tie): void {
    const { timeout = tie.scheduler.waitTimeout, ...rest } = tie.whole ?? {};
    const spent = performance.now() - this.#startedAt;
    const drain = drainHeld(tie.scheduler, this.#ties.scope(tie), {
      ...rest,
      timeout: Math.max(0, timeout - spent),
    });
    this.#drains.set(tie, drain);
  }

  /** Whoever calls this waits for it too: a job that does is not waited for. */
  join(): void {
    for (const [tie, drain] of this.#drains) joinDrain(tie.scheduler, drain);
  }

  /** The jobs from whose inside it is waited for. */
  get insiders(): ReadonlySet<Drain['entered'][number]> {
    return new Set([...this.#drains.values()].flatMap(({ entered }) => entered));
  }

  get reports(): Promise<DrainReport>[] {
    return [...this.#drains.values()].map(({ promise }) => promise);
  }

  /** Ends the grace. */
  cutShort(): void {
    for (const drain of this.#drains.values()) drain.cutShort();
  }

  /** Resolves when no job is left to wait for, though the server may still be open. */
  async quiet(): Promise<void> {
    await Promise.all([...this.#drains.values()].map(async (drain) => drain.quiet()));
  }

  /** The server has closed. Gives what is waited for still, if anything is. */
  release(): Promise<unknown> | undefined {
    for (const [tie, drain] of this.#drains) {
      // One that ran out of time while requests went on missed what they spawned since: no grace for that.
      if (drain.over) outside.runInAsyncScope(this.add, this, tie);
      this.#drains.get(tie)?.release();
    }
    const left = [...this.#drains.values()].filter((drain) => !drain.over);
    return left.length === 0 ? undefined : Promise.all(left.map(({ promise }) => promise));
  }

  letThrough(): void {
    for (const each of this.held) each();
  }
}
