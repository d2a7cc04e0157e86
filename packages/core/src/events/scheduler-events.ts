import type { DrainReport } from '../report.ts';
import { schedulerClose, schedulerDrain } from './channels.ts';
import type { SchedulerCloseEventOf, SchedulerDrainEventOf } from './payloads.ts';
import { publish } from './publish.ts';

/** Publishes what becomes of one scheduler. */
export class SchedulerEvents {
  readonly #scheduler: object;

  constructor(scheduler: object) {
    this.#scheduler = scheduler;
  }

  /** @param timeout - grace in ms */
  drains(timeout: number, all: boolean, report: Promise<DrainReport>): void {
    if (!schedulerDrain.hasSubscribers) return;
    const event: SchedulerDrainEventOf<object> = {
      scheduler: this.#scheduler,
      timeout,
      all,
      report,
    };
    publish(schedulerDrain, event);
  }

  closes(report: Promise<DrainReport>): void {
    if (!schedulerClose.hasSubscribers) return;
    const event: SchedulerCloseEventOf<object> = { scheduler: this.#scheduler, report };
    publish(schedulerClose, event);
  }
}
