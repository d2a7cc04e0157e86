import type { JobRecord } from '../job/record.ts';
import { JobList } from './job-list.ts';

/** The `spawn()` calls that wait for room, in the order of the calls. Their jobs are none yet to anybody else. */
export class Admission {
  readonly waiting: JobList = new JobList();
  /** Where no job may be pending, one that its `after` blocks must not hold back the others. */
  readonly #passesBlocked: boolean;

  constructor(pendingLimit: number) {
    this.#passesBlocked = pendingLimit === 0;
  }

  /** The call that none may overtake. */
  get first(): JobRecord | undefined {
    let job = this.waiting.head;
    if (this.#passesBlocked) while (job?.extras?.blocked === true) job = this.waiting.after(job);
    return job;
  }
}
