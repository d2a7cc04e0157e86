import type { Scheduler } from '@outlive/core';
import type { JobDefinition } from '../job-definition.ts';
import type { ExhaustedJob } from '../job-definition-options.ts';

/** Tells definitions of their jobs that have failed for good. */
export class Exhausted {
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Never rejects. A drain waits for it. */
  async tell({ options: { onExhausted } }: JobDefinition, job: ExhaustedJob): Promise<void> {
    if (onExhausted === undefined) return;
    try {
      const { id, name, payload, error, attempt } = job;
      // An async function, so that what `onExhausted` throws is a rejection too.
      const told = (async () => onExhausted({ id, name, payload, error, attempt }))();
      await this.#scheduler.shield(told);
    } catch (exception) {
      this.#report('onExhausted() failed', exception);
    }
  }

  readonly reportBackoff = (exception: unknown): void => {
    this.#report('The backoff function failed', exception);
  };

  #report(message: string, exception: unknown): void {
    this.#scheduler.callExceptionHandler({ message, exception });
  }
}
