import type { JobEvents } from '../events/job-events.ts';
import type { Cancellation } from '../job/cancellation.ts';
import type { JobRecord } from '../job/record.ts';
import { drop } from '../job/settle.ts';
import { type Deferred, observedDeferred, type ObservedPromise } from '../util/observed-promise.ts';
import { cancelledByNow } from './cancelled-by-now.ts';
import type { Failures } from './failures.ts';
import { JobList } from './job-list.ts';
import type { Keys } from './keys.ts';
import { PassableCalls } from './passable-calls.ts';

type Admitted = Deferred<JobRecord, ObservedPromise<JobRecord>>;

/** The `spawn()` calls that wait for room, in the order of the calls. Their jobs are none yet to anybody else. */
export class Admission {
  readonly waiting: JobList = new JobList();
  readonly #failures: Failures;
  readonly #events: JobEvents;
  /** Where no job may be pending, one that could not start all the same must not hold back the others. */
  readonly #passable: PassableCalls | undefined;

  constructor(pendingLimit: number, failures: Failures, keys: Keys | undefined, events: JobEvents) {
    this.#events = events;
    this.#failures = failures;
    if (pendingLimit > 0) return;
    const passable = new PassableCalls();
    this.#passable = passable;
    keys?.onChange((lane) => {
      passable.laneChanged(lane);
    });
  }

  /** The call that none may overtake. */
  get first(): JobRecord | undefined {
    return this.#passable === undefined ? this.waiting.head : this.#passable.first;
  }

  /** Gives the promise that the call of `spawn()` gets. */
  enter<T>(job: JobRecord<T>): Promise<JobRecord<T>> {
    const admitted = observedDeferred<JobRecord<T>>();
    job.extend().admitted = admitted as Admitted;
    this.waiting.push(job);
    this.#passable?.enter(job);
    return admitted.promise;
  }

  /** The job waits for nothing but room any more. */
  unblocked(job: JobRecord): void {
    this.#passable?.unblocked(job);
  }

  remove(job: JobRecord): void {
    this.waiting.remove(job);
    this.#passable?.remove(job);
  }

  /** Gives room to calls while there is room for the next. */
  admit(hasRoom: (job: JobRecord) => boolean, accept: (job: JobRecord) => void): void {
    for (let job = this.first; job !== undefined && hasRoom(job); job = this.first) {
      if (cancelledByNow(job)) continue;
      this.remove(job);
      accept(job);
      job.extras?.admitted?.resolve(job);
    }
  }

  /** Ends a call that waits: its job never was one. */
  refuse(job: JobRecord, cancellation: Cancellation, reason: unknown): void {
    const admitted = job.extras?.admitted as Admitted;
    const { context, options, work } = job;
    const refuse = (): void => {
      this.#events.refused(reason, options, work);
      void this.#failures.refuse(admitted, reason);
    };
    drop(job, cancellation);
    if (context === undefined) refuse();
    else context.runInAsyncScope(refuse);
  }
}
