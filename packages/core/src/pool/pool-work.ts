import type { DrainHost } from '../drain/drain-host.ts';
import type { SchedulerEvents } from '../events/scheduler-events.ts';
import type { Group } from '../group.ts';
import type { Cancellation } from '../job/cancellation.ts';
import { type JobHost, JobRecord } from '../job/record.ts';
import { cancel, drop } from '../job/settle.ts';
import type { DrainReport } from '../report.ts';
import { Shield } from '../shield.ts';
import type { Failures } from './failures.ts';
import { JobList } from './job-list.ts';
import type { Retries } from './retries.ts';
import type { Shields } from './shields.ts';
import type { Slots } from './slots.ts';

/** All the work of one pool, as its drains see it: counted, listed, cancelled. */
export class PoolWork implements DrainHost {
  /** From the cancelling step of a close on: nothing is accepted, and nothing starts. */
  stopped = false;
  readonly #host: JobHost;
  readonly #slots: Slots;
  readonly shields: Shields;
  readonly #failures: Failures;
  readonly retries: Retries;
  readonly #events: SchedulerEvents;

  constructor(
    host: JobHost,
    slots: Slots,
    shields: Shields,
    failures: Failures,
    retries: Retries,
    events: SchedulerEvents,
  ) {
    this.#events = events;
    this.retries = retries;
    this.#host = host;
    this.#slots = slots;
    this.shields = shields;
    this.#failures = failures;
  }

  get lastId(): number {
    return this.#slots.lastId;
  }

  has(work: unknown): boolean {
    if (work instanceof Shield) return this.shields.has(work);
    return work instanceof JobRecord && work.owner.host === this.#host && !work.closed;
  }

  countWork(group: Group | undefined): number {
    if (group !== undefined) return group.jobs + group.shields;
    const { active, pending, admission } = this.#slots;
    return active.size + pending.size + admission.waiting.size + this.shields.size;
  }

  countShields(group: Group | undefined): number {
    return group === undefined ? this.shields.size : group.shields;
  }

  /** Pending and running jobs, oldest first. */
  liveJobs(group: Group | undefined): JobRecord[] {
    const { pending, active } = this.#slots;
    return list(group, pending, active).toSorted((a, b) => a.ordinal - b.ordinal);
  }

  runningJobs(group: Group | undefined): JobRecord[] {
    return list(group, this.#slots.active);
  }

  openShields(group: Group | undefined): Shield[] {
    return this.shields.of(group);
  }

  cancel(job: JobRecord, cancellation: Cancellation): void {
    if (job.phase === 'active') cancel(job, cancellation);
    else if (job.phase !== 'pending') return;
    else if (job.ordinal > 0) drop(job, cancellation);
    else this.#slots.admission.refuse(job, cancellation, cancellation.reason);
  }

  cancelUnstarted(
    group: Group | undefined,
    cancellation: Cancellation,
    refusal: unknown,
    spared: ((job: JobRecord) => boolean) | undefined,
  ): void {
    const { admission, pending } = this.#slots;
    // Else the end of one could let another start that is to be cancelled as well.
    this.#slots.fillAfter(() => {
      const waitingJobs = list(group, admission.waiting);
      const pendingJobs =
        group === undefined && spared === undefined ? pending.onlyList : list(group, pending);
      for (const job of waitingJobs) admission.refuse(job, cancellation, refusal);
      if (pendingJobs instanceof JobList) {
        this.#cancelAllOf(pendingJobs, cancellation);
        return;
      }
      for (const job of pendingJobs ?? list(group, pending)) {
        if (spared?.(job) !== true) this.cancel(job, cancellation);
      }
    });
  }

  /**
   * All jobs of the list that are there now. Without a snapshot: there may be 100,000, and to fetch them from memory
   * twice costs more than all the rest. Abort listeners, which run in between, may take jobs out and add newer ones.
   */
  #cancelAllOf(jobs: JobList, cancellation: Cancellation): void {
    const { lastId } = this.#slots;
    let job = jobs.head;
    while (job !== undefined && job.ordinal <= lastId) {
      this.cancel(job, cancellation);
      job = jobs.head;
    }
  }

  hurry(group: Group | undefined): void {
    this.retries.hurry(group);
  }

  stop(report: Promise<DrainReport>): void {
    if (this.stopped) return;
    this.stopped = true;
    this.#slots.gate.stop();
    this.#slots.stalls.stop();
    this.#events.closes(report);
  }

  abandoned(job: JobRecord): void {
    this.#failures.jobAbandoned(job);
  }
}

/** The jobs of a group, or all, as they are at the call. */
function list(
  group: Group | undefined,
  ...lists: readonly { addTo(snapshot: JobRecord[]): void }[]
): JobRecord[] {
  const jobs: JobRecord[] = [];
  for (const each of lists) each.addTo(jobs);
  return group === undefined ? jobs : jobs.filter((job) => job.owner === group);
}
