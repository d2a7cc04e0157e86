import type { Cancellation } from './cancellation.ts';
import { atEndOfTurn } from './end-of-turn.ts';
import type { Group } from './group.ts';
import type { JobContext, JobFunction } from './job.ts';
import { type ObservedPromise, observedDeferred } from './observed-promise.ts';
import type { Scheduler } from './scheduler.ts';
import { innermostWork, runInside, type Work } from './work-scope.ts';

/**
 * Work that must not be cut off. The promise handed out follows it until its caller, or the end of
 * the scheduler, gives up on it; the work itself is followed to its end.
 */
export class Shield implements JobContext, Work {
  readonly id: number;
  readonly name = undefined;
  readonly promise: ObservedPromise<unknown>;
  readonly _group: Group;
  closed = false;
  _outer: Work | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #cancellation: Cancellation | undefined = undefined;
  /** Whether somebody still gets the outcome through `promise`. */
  #followed = true;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(group: Group, id: number) {
    this._group = group;
    this.id = id;
    const { promise, resolve, reject } = observedDeferred<unknown>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#cancellation !== undefined) this.#controller.abort(this.#cancellation.reason);
    }
    return this.#controller.signal;
  }

  get _scheduler(): Scheduler {
    return this._group.scheduler;
  }

  get draining(): AbortSignal {
    return this._scheduler.draining;
  }

  start(work: JobFunction<unknown>): void {
    this._outer = innermostWork();
    runInside<Shield>(this, (shield) => {
      shield.follow(
        new Promise((resolve) => {
          resolve(work(shield));
        }),
      );
    });
  }

  /** As `await` does, whatever `then` of its own the promise may have. */
  follow(work: Promise<unknown>): void {
    void Promise.prototype.then.call(
      work,
      (value) => {
        this.#end();
        this.#resolve(value);
      },
      (error: unknown) => {
        this.#end();
        this.#fail(error);
      },
    );
  }

  giveUpOn(signal: AbortSignal): void {
    const onAbort = (): void => {
      this.abandon(signal.reason);
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort);
    const forget = (): void => {
      signal.removeEventListener('abort', onAbort);
    };
    this.#onEnd = forget;
  }

  /** Rejects what was handed out; the work goes on. */
  abandon(reason: unknown): void {
    this.#followed = false;
    this.#onEnd?.();
    this.#reject(reason);
  }

  cancel(cancellation: Cancellation): void {
    this.#cancellation ??= cancellation;
    this.#controller?.abort(cancellation.reason);
  }

  #onEnd: (() => void) | undefined = undefined;

  #end(): void {
    this.#onEnd?.();
    this.closed = true;
    this._outer = undefined;
    this._scheduler._shieldEnded(this);
  }

  #fail(error: unknown): void {
    this.#reject(error);
    if (this.#cancellation?.explains(error) === true) return;
    const context = { message: 'Shielded work failed', exception: error } as const;
    atEndOfTurn(() => {
      if (!this.#followed || !this.promise.observed) this._scheduler.callExceptionHandler(context);
    });
  }
}
