import type { GroupAction } from './actions.ts';
import type { ModelClock } from './model-clock.ts';
import {
  type ModelJob,
  ModelPromise,
  type ModelSignal,
  type ModelTeam,
  type Outcome,
  rejection,
  value,
} from './model-work.ts';

/** What a group needs of its scheduler. */
interface GroupHost {
  readonly clock: ModelClock;
  atOnce(change: () => void): void;
  cancel(job: ModelJob, reason: string): void;
  unblockNow(job: ModelJob): void;
  release(job: ModelJob): void;
  reportFailure(job: ModelJob, what: string): void;
}

/** Jobs that end together, in plain lists. */
export class ModelGroup implements ModelTeam {
  readonly inside: ModelJob | undefined;
  readonly signal: ModelSignal | undefined;
  readonly jobs = new Set<ModelJob>();
  readonly #scheduler: GroupHost;
  readonly #limit: number;
  readonly #failFast: boolean;
  readonly #holders = new Set<ModelJob>();
  #waiting: { readonly job: ModelJob; readonly number: number }[] = [];
  #calls = 0;
  /** Why it was cancelled, if it was. */
  #reason: string | undefined;
  #closed = false;
  #failure: string | undefined;
  /** Whose failure nobody has heard of. */
  #unheard: ModelJob | undefined;
  #waiters = 0;
  #whenEmpty: ModelPromise | undefined;

  constructor(
    scheduler: GroupHost,
    { limit, failFast }: GroupAction,
    signal: ModelSignal | undefined,
    inside: ModelJob | undefined,
  ) {
    this.#scheduler = scheduler;
    this.#limit = limit;
    this.#failFast = failFast;
    this.signal = signal;
    this.inside = inside;
  }

  get isFull(): boolean {
    return this.#holders.size >= this.#limit;
  }

  /** Why it takes nothing more. */
  refusal(): string | undefined {
    this.noticeAbort();
    if (this.#reason !== undefined) {
      this.#unheard = undefined;
      return `cancelled by ${this.#reason}`;
    }
    const { inside } = this;
    const runs = inside === undefined || inside.state === 'active' || inside.state === 'closing';
    return runs ? undefined : 'ERR_JOB_CANCELLED';
  }

  enter(job: ModelJob): void {
    this.jobs.add(job);
    if (this.jobs.size > 1) return;
    this.#whenEmpty = new ModelPromise();
    const { inside } = this;
    if (inside !== undefined) {
      inside.extensions += 1;
      this.#whenEmpty.follow(() =>
        this.#scheduler.clock.later(1, () => this.#scheduler.release(inside)),
      );
      inside.insideGroups.add(this);
    }
    this.signal?.listeners.add(this.noticeAbort);
  }

  admits(job: ModelJob): boolean {
    if (!this.isFull) {
      this.#holders.add(job);
      return true;
    }
    this.#calls += 1;
    this.#waiting.push({ job, number: job.attempt > 1 ? 0 : this.#calls });
    return false;
  }

  /** The job needs its place no more. */
  postponed(job: ModelJob): void {
    this.#waiting = this.#waiting.filter((each) => each.job !== job);
    if (!this.#holders.delete(job)) return;
    const [next] = this.#waiting.toSorted(
      (a, b) =>
        b.job.action.priority - a.job.action.priority || a.number - b.number || a.job.id - b.job.id,
    );
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((each) => each !== next);
    this.#holders.add(next.job);
    this.#scheduler.unblockNow(next.job);
  }

  ended(job: ModelJob, result: Outcome): void {
    this.jobs.delete(job);
    if (job.outcome !== 'completed') this.#notice(job, result);
    this.postponed(job);
    if (this.jobs.size > 0) return;
    this.signal?.listeners.delete(this.noticeAbort);
    this.inside?.insideGroups.delete(this);
    this.#whenEmpty?.settle(value('undefined'));
    this.#whenEmpty = undefined;
  }

  wait(): ModelPromise {
    const promise = new ModelPromise();
    this.#waiters += 1;
    const look = (): void => {
      if (this.jobs.size > 0) {
        this.#whenEmpty?.follow(() => this.#scheduler.clock.later(1, look));
        return;
      }
      this.#waiters -= 1;
      this.#unheard = undefined;
      this.noticeAbort();
      const cancelled = this.#closed ? undefined : this.#reason;
      if (this.#failure !== undefined) promise.settle(rejection(this.#failure));
      else if (cancelled !== undefined) promise.settle(rejection(`cancelled by ${cancelled}`));
      else promise.settle(value('undefined'));
    };
    look();
    return promise;
  }

  close(): ModelPromise {
    const promise = new ModelPromise();
    this.#closed = true;
    this.#cancel('ERR_JOB_CANCELLED');
    const over = (): void =>
      this.#scheduler.clock.later(1, () => {
        const job = this.#unheard;
        this.#unheard = undefined;
        if (job?.waiters === 1) this.#scheduler.reportFailure(job, this.#failure as string);
        promise.settle(value('undefined'));
      });
    if (this.#whenEmpty === undefined) over();
    else this.#whenEmpty.follow(over);
    return promise;
  }

  readonly noticeAbort = (): void => {
    const reason = this.signal?.reason ?? this.inside?.reason;
    if (reason !== undefined) this.#cancel(reason);
  };

  #cancel(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#scheduler.atOnce(() => {
      for (const job of this.jobs) this.#scheduler.cancel(job, reason);
    });
  }

  #notice(job: ModelJob, result: Outcome): void {
    if (job.shutDown) this.#reason ??= job.reason;
    if (job.outcome !== 'failed' && job.reason !== 'ERR_JOB_TIMEOUT') return;
    if (this.#failure !== undefined) return;
    this.#failure = result.what;
    if (this.#waiters === 0 && job.waiters === 0) this.#unheard = job;
    job.waiters += 1;
    if (this.#failFast) this.#cancel(`cancelled by ${result.what}`);
  }
}
