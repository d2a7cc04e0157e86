import type { JobRecord } from '../job/record.ts';
import { type DrainReport, toReport } from '../report.ts';

/** The part of a report that grows while a drain goes on. */
export class Tally {
  #completed = 0;
  #failed = 0;
  readonly #cancelled: JobRecord[] = [];
  readonly #neverStarted: JobRecord[] = [];

  /** Takes note of a job that has ended. */
  add(job: JobRecord): void {
    if (job.phase === 'completed') this.#completed += 1;
    else if (job.phase === 'failed') this.#failed += 1;
    else (job.started ? this.#cancelled : this.#neverStarted).push(job);
  }

  report(abandoned: JobRecord[], shields: number): DrainReport {
    return toReport({
      completed: this.#completed,
      failed: this.#failed,
      cancelled: [...this.#cancelled],
      neverStarted: [...this.#neverStarted],
      abandoned,
      shields,
    });
  }
}
