import type { Scheduler } from '@outlive/core';
import { type HeldBack, poolOf } from '@outlive/core/internal';
import type { ShutdownLogger } from './logger.ts';
import { pollEventLoop } from './poll-event-loop.ts';

/**
 * The jobs that had not settled when a shutdown gave them up. One that has done nothing but wait for that very shutdown ends
 * when it hears of its end: it has not timed out, and its author is told of `from` instead.
 */
export class AbandonedJobs {
  #heldBack: readonly HeldBack[] = [];

  /** From now on none is reported to the exception handlers. */
  holdBack(schedulers: readonly Scheduler[]): void {
    this.#heldBack = schedulers.map((each) => poolOf(each).failures.holdBackAbandoned());
  }

  /** Reports all. */
  report(): void {
    for (const { release } of this.#heldBack) release(() => false);
  }

  /** Reports all but those that settle when the callers of the shutdown have heard of its end, which is in this turn. */
  async reportLater(logger: ShutdownLogger): Promise<void> {
    const open = new Set(
      this.#heldBack.flatMap(({ jobs }) => jobs).filter(({ closed }) => !closed),
    );
    await pollEventLoop();
    const waited = [...open].filter(({ closed }) => closed);
    for (const { release } of this.#heldBack) release((job) => waited.includes(job));
    for (const { id, name = '' } of waited) {
      logger.error(
        `${`job ${id} ${name}`.trim()} has ended when the shutdown was over, which had waited for it until its time was up: ` +
          'if it waited for the shutdown, `shutdown({ from })` leaves it out',
      );
    }
  }
}
