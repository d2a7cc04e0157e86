import type { Group } from './group.ts';
import type { JobContext, JobFunction } from './job.ts';
import type { Cancellation } from './job/cancellation.ts';
import { atEndOfTurn } from './util/end-of-turn.ts';
import { type ObservedPromise, observedDeferred } from './util/observed-promise.ts';

/**
 * Work that must not be cut off. The promise handed out follows it until its caller, or the end of
 * the scheduler, gives up on it; the work itself is followed to its end.
 */
export class Shield implements JobContext {
  readonly id: number;
  readonly name = undefined;
  readonly promise: ObservedPromise<unknown>;
  readonly owner: Group;
  closed = false;
  #controller: AbortController | undefined = undefined;
  #cancellation: Cancellation | undefined = undefined;
  /** Whether the outcome still goes through `promise`. */
  #followed = true;
  #stopListening: (() => void) | undefined = undefined;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #onEnd: (shield: Shield) => void;
  readonly #onFailure: (error: unknown) => void;

  /** @param onFailure - called with a rejection that nobody awaits */
  constructor(
    owner: Group,
    id: number,
    onEnd: (shield: Shield) => void,
    onFailure: (error: unknown) => void,
  ) {
    this.owner = owner;
    this.id = id;
    this.#onEnd = onEnd;
    this.#onFailure = onFailure;
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

  get drainSignal(): AbortSignal {
    return this.owner.host.drainSignal;
  }

  start(work: JobFunction<unknown>): void {
    this.follow(
      new Promise((resolve) => {
        resolve(work(this));
      }),
    );
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
    this.#stopListening = () => {
      signal.removeEventListener('abort', onAbort);
    };
  }

  /** Rejects what was handed out; the work goes on. */
  abandon(reason: unknown): void {
    this.#followed = false;
    this.#stopListening?.();
    this.#reject(reason);
  }

  cancel(cancellation: Cancellation): void {
    this.#cancellation ??= cancellation;
    this.#controller?.abort(cancellation.reason);
  }

  #end(): void {
    this.#stopListening?.();
    this.closed = true;
    this.#onEnd(this);
  }

  #fail(error: unknown): void {
    this.#reject(error);
    if (this.#cancellation?.explains(error) === true) return;
    atEndOfTurn(() => {
      if (!this.#followed || !this.promise.observed) this.#onFailure(error);
    });
  }
}
