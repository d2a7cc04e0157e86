import type { JobFunction } from '../job.ts';
import type { JobRecord } from './record.ts';
import { complete, fail } from './settle.ts';

/**
 * What a job's function returns if its spawner reports, by `settle.complete()` or `settle.fail()`, how it ended: a
 * spawner that follows the promise anyway spares the job a second one.
 */
export const settledExternally: unique symbol = Symbol('outlive.settledExternally');

/** Calls the function of a job and follows what it returns. */
export function start(job: JobRecord): void {
  const work = job.work as JobFunction<unknown>;
  job.work = undefined;
  let promise: Promise<unknown> | undefined;
  let returned: unknown;
  try {
    returned = work(job);
    promise = promiseOf(returned);
  } catch (error) {
    fail(job, error);
    return;
  }
  if (promise === undefined) {
    if (returned !== settledExternally) complete(job, returned);
    return;
  }
  const settlement = promise.then(
    (value) => complete(job, value),
    (error: unknown) => {
      fail(job, error);
    },
  );
  job.settlement ??= settlement;
}

// Taken once: a `then` that somebody puts in its place later is not a promise's own.
const { then: promiseThen } = Promise.prototype;

/** The promise to follow, or `undefined` for a plain value. May throw what a `then` getter throws. */
export function promiseOf(returned: unknown): Promise<unknown> | undefined {
  if ((typeof returned !== 'object' || returned === null) && typeof returned !== 'function') {
    return undefined;
  }
  const { then } = returned as { then?: unknown };
  // A promise may have a `then` of its own, which may throw: that is for the executor below.
  const plain = returned instanceof Promise && returned.constructor === Promise;
  if (plain && then === promiseThen) return returned;
  if (typeof then !== 'function') {
    refuseGenerator(returned);
    return undefined;
  }
  return new Promise((resolve, reject) => {
    Reflect.apply(then, returned, [resolve, reject]);
  });
}

/** Nobody would iterate over it, so its body would never run. */
function refuseGenerator(returned: object): void {
  const tag: unknown = (returned as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (tag === 'Generator' || tag === 'AsyncGenerator') {
    throw new TypeError(
      'The function returned a generator, whose body nobody runs: pass an async function that iterates over it',
    );
  }
}
