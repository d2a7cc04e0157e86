import type { Lease } from '../../backend.ts';
import type { JobRuns } from '../../backend-operations.ts';
import type { Claim } from './claim.ts';
import type { BullmqJobs } from './jobs.ts';
import { askCancelled, reportProgress } from './scripts.ts';

/** What passes between Redis and the runs of this process. */
export class BullmqRuns implements JobRuns {
  readonly #jobs: BullmqJobs;

  constructor(jobs: BullmqJobs) {
    this.#jobs = jobs;
  }

  async progress(lease: Lease, value: unknown): Promise<boolean> {
    const { token } = lease.ref as Claim;
    return (await this.#jobs.run(reportProgress, lease, token, JSON.stringify(value))) === 1;
  }

  async cancelled(leases: readonly Lease[]): Promise<Lease[]> {
    const keys = leases.map(({ name, id }) => this.#jobs.base(name) + id);
    const places = (await this.#jobs.redis.eval(askCancelled, keys.length, ...keys)) as number[];
    const asked = new Set(places);
    return leases.filter((_, place) => asked.has(place));
  }
}
