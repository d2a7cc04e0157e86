import { handled } from '../util/observed-promise.ts';

type Resolve = (value: unknown) => void;
type Reject = (reason: unknown) => void;

// One executor for all, not a closure for each: it runs inside `new Promise()`, before anything else can.
let lastResolve: Resolve | undefined;
let lastReject: Reject | undefined;
const takeBoth = (resolve: Resolve, reject: Reject): void => {
  lastResolve = resolve;
  lastReject = reject;
};

/** What `wait()` hands out while the function has not returned a promise to derive it from. */
export class Settlement {
  readonly promise: Promise<unknown>;
  readonly resolve: Resolve;
  readonly #reject: Reject;

  constructor(promise: Promise<unknown>, resolve: Resolve, reject: Reject) {
    this.promise = promise;
    this.resolve = resolve;
    this.#reject = reject;
  }

  reject(reason: unknown): void {
    this.#reject(reason);
    // Only now: most are never rejected, and each such mark is a promise more.
    void handled(this.promise);
  }
}

export function makeSettlement(): Settlement {
  const promise = new Promise(takeBoth);
  const settlement = new Settlement(promise, lastResolve as Resolve, lastReject as Reject);
  // They would keep the promise, and with it what the job gave.
  lastResolve = undefined;
  lastReject = undefined;
  return settlement;
}
