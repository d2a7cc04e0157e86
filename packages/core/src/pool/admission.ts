import type { Cancellation } from '../job/cancellation.ts';
import type { JobRecord } from '../job/record.ts';
import { drop } from '../job/settle.ts';
import { type Deferred, observedDeferred, type ObservedPromise } from '../util/observed-promise.ts';
import type { Failures } from './failures.ts';
import { JobHeap } from './job-heap.ts';
import { JobList } from './job-list.ts';

type Admitted = Deferred<JobRecord, ObservedPromise<JobRecord>>;

/** The `spawn()` calls that wait for room, in the order of the calls. Their jobs are none yet to anybody else. */
export class Admission {
  readonly waiting: JobList = new JobList();
  readonly #failures: Failures;
  /** Where no job may be pending, one that its `after` blocks must not hold back the others: those others. */
  readonly #unblocked: JobHeap | undefined;
  #calls = 0;

  constructor(pendingLimit: number, failures: Failures) {
    if (pendingLimit === 0) this.#unblocked = new JobHeap((job) => job.extend().call);
    this.#failures = failures;
  }

  /** The call that none may overtake. */
  get first(): JobRecord | undefined {
    return this.#unblocked === undefined ? this.waiting.head : this.#unblocked.head;
  }

  /** Gives the promise that the call of `spawn()` gets. */
  enter<T>(job: JobRecord<T>): Promise<JobRecord<T>> {
    const admitted = observedDeferred<JobRecord<T>>();
    const extras = job.extend();
    extras.admitted = admitted as Admitted;
    this.#calls += 1;
    extras.call = this.#calls;
    this.waiting.push(job);
    if (!extras.blocked) this.#unblocked?.add(job);
    return admitted.promise;
  }

  /** The `after` of a call that waits has settled. */
  unblocked(job: JobRecord): void {
    this.#unblocked?.add(job);
  }

  remove(job: JobRecord): void {
    this.waiting.remove(job);
    if (job.extras?.blocked === false) this.#unblocked?.remove(job);
  }

  /** Ends a call that waits: its job never was one. */
  refuse(job: JobRecord, cancellation: Cancellation, reason: unknown): void {
    const admitted = job.extras?.admitted as Admitted;
    const { context } = job;
    const refuse = (): void => {
      void this.#failures.refuse(admitted, reason);
    };
    drop(job, cancellation);
    if (context === undefined) refuse();
    else context.runInAsyncScope(refuse);
  }
}
