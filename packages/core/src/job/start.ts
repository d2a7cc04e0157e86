import { jobSettle } from '../events/channels.ts';
import type { JobOrigin } from '../events/origins.ts';
import type { JobFunction } from '../job.ts';
import { generatorError, isGenerator, refuseGenerator } from './generator.ts';
import type { JobRecord } from './record.ts';
import { complete, fail } from './settle.ts';

/**
 * In place of a function: work that ends its job itself, by `settle.complete()` or `settle.fail()`. A spawner that
 * follows a promise anyway spares the job a second one, and a function of its own for each job.
 */
export interface SelfSettling {
  /** Where the work comes from, under debug, if its `spawn()` does not tell. */
  readonly sourceStack?: string | undefined;
  /** For the events of the job. */
  readonly kind?: 'atomic';
  readonly origin?: JobOrigin;
  /** Must not throw. */
  run(job: JobRecord): void;
}

/** Calls the function of a job and follows what it returns. */
export function start(job: JobRecord): void {
  const work = job.work as JobFunction<unknown> | SelfSettling;
  job.work = undefined;
  if (typeof work !== 'function') {
    if (jobSettle.hasSubscribers) job.extend().ran = work;
    work.run(job);
    return;
  }
  let returned: unknown;
  let settlement: Promise<unknown> | undefined;
  try {
    returned = work(job);
    // A promise that is none, but inherits from the prototype of all, throws at this.
    settlement = promiseOf(returned)?.then(
      (value) =>
        typeof value === 'object' && isGenerator(value) ? refuse(job) : complete(job, value),
      (error: unknown) => {
        fail(job, error);
      },
    );
  } catch (error) {
    fail(job, error);
    return;
  }
  if (settlement === undefined) complete(job, returned);
  else job.settlement ??= settlement;
}

function refuse(job: JobRecord): void {
  fail(job, generatorError());
}

// Taken once: a `then` that somebody puts in its place later is not a promise's own.
const { then: promiseThen } = Promise.prototype;

/** The promise to follow, or `undefined` for a plain value. May throw what a `then` getter throws. */
export function promiseOf(returned: unknown): Promise<unknown> | undefined {
  if (typeof returned === 'object' && returned !== null) {
    const { then } = returned as { then?: unknown };
    if (then === promiseThen && returned.constructor === Promise) return returned;
    return adopted(returned, then);
  }
  if (typeof returned !== 'function') return undefined;
  return adopted(returned, (returned as { then?: unknown }).then);
}

/** Of a promise with a `then` of its own, and of whatever else has one. */
function adopted(returned: object, then: unknown): Promise<unknown> | undefined {
  if (typeof then !== 'function') {
    refuseGenerator(returned);
    return undefined;
  }
  return new Promise((resolve, reject) => {
    Reflect.apply(then, returned, [resolve, reject]);
  });
}
