import type { DrainReport } from '../report.ts';
import type { Group } from '../group.ts';
import type { Cancellation } from '../job/cancellation.ts';
import type { JobRecord } from '../job/record.ts';
import type { Shield } from '../shield.ts';
import type { Work } from './left-out.ts';

/** What drains need of the pool that they drain. A group of `undefined` means all of the pool. */
export interface DrainHost {
  /** The id of the newest job or shield. */
  readonly lastId: number;
  /** Whether the job or shield is one of the pool's and has not ended. */
  has(work: Work): boolean;
  /** How many jobs, shields and waiting `spawn()` calls there are. */
  countWork(group: Group | undefined): number;
  countShields(group: Group | undefined): number;
  /** The jobs whose functions run, cancelled ones included, as they are at the call. */
  runningJobs(group: Group | undefined): JobRecord[];
  openShields(group: Group | undefined): Shield[];
  cancel(job: JobRecord, cancellation: Cancellation): void;
  /** Cancels the pending jobs, but those that are `spared`, and rejects the waiting `spawn()` calls with the refusal. */
  cancelUnstarted(
    group: Group | undefined,
    cancellation: Cancellation,
    refusal: unknown,
    spared: ((job: JobRecord) => boolean) | undefined,
  ): void;
  /** Jobs that wait for their next attempt get it at once, and no further one. */
  hurry(group: Group | undefined): void;
  /** From here on nothing is accepted and nothing starts. */
  stop(report: Promise<DrainReport>): void;
  /** The job was cancelled and has not settled in time. */
  abandoned(job: JobRecord): void;
}
