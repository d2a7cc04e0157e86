import { atEndOfTurn } from './end-of-turn.ts';

const noop = (): void => {};

/**
 * A promise that knows whether anybody asked for its outcome, and never raises `unhandledRejection`.
 *
 * `await` reaches an overridden `then` only on a subclass: for a plain promise the language attaches
 * its own reactions directly (ECMAScript PromiseResolve).
 */
export class ObservedPromise<T> extends Promise<T> {
  observed = false;

  // What is derived from it belongs to the user and is an ordinary promise.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- noticing the call is the purpose of the class
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.observed = true;
    return super.then(onFulfilled, onRejected);
  }
}

/**
 * Follows a promise by one that knows whether anybody asked for its outcome. A rejection that nobody has asked
 * for by the end of the turn is given to `unobserved`.
 */
export function observed<T>(
  promise: Promise<T>,
  unobserved: (error: unknown) => void,
): ObservedPromise<T> {
  const following = new ObservedPromise<T>((resolve, reject) => {
    promise.then(resolve, (error: unknown) => {
      void handled(following);
      reject(error);
      atEndOfTurn(() => {
        if (!following.observed) unobserved(error);
      });
    });
  });
  return following;
}

/** Both halves of a promise. */
export interface Deferred<T, P extends Promise<T> = Promise<T>> {
  readonly promise: P;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;
}

/** A plain deferred promise; dropping it is never an unhandled rejection. */
export function deferred<T>(): Deferred<T> {
  return halves((executor) => new Promise<T>(executor));
}

/** A deferred promise that tells whether it was observed. */
export function observedDeferred<T>(): Deferred<T, ObservedPromise<T>> {
  return halves((executor) => new ObservedPromise<T>(executor));
}

type Executor<T> = (
  resolve: (value: T | PromiseLike<T>) => void,
  reject: (reason: unknown) => void,
) => void;

function halves<T, P extends Promise<T>>(make: (executor: Executor<T>) => P): Deferred<T, P> {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason: unknown) => void;
  const promise = make((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise: handled(promise), resolve, reject };
}

/** Marks a promise as handled without counting as somebody who asked for its outcome. */
export function handled<P extends Promise<unknown>>(promise: P): P {
  void Promise.prototype.then.call(promise, undefined, noop);
  return promise;
}
