import type { Scheduler } from '@outlive/core';
import { type JobRecord, poolOf } from '@outlive/core/internal';
import type { ShownFailure } from '../wire.ts';
import { errorHeading, shownError } from './shown-error.ts';
import { requestLine, shownName } from './shown-job.ts';

/** Kinds of failures that are kept: those that happened last. */
const mostKinds = 50;
/** Time in ms within which of one kind only one stack is made. */
const stackEvery = 1_000;

/** The failures of one scheduler, with or without an open page: nobody opens one before something fails. */
export class FailureLog {
  /** By the name of the job and what it failed with, numbers in it aside; the newest last. */
  readonly #kinds = new Map<string, ShownFailure & { stackAt: number }>();
  #version = 0;

  /** Changes with each failure. */
  get version(): number {
    return this.#version;
  }

  /** The newest first. */
  get all(): ShownFailure[] {
    return [...this.#kinds.values()].toReversed().map(({ stackAt, ...failure }) => failure);
  }

  add(job: JobRecord, error: unknown, now: number = Date.now()): void {
    this.#version += 1;
    const name = shownName(job.name);
    const { name: kind, message } = errorHeading(error);
    // `order 17` and `order 18` failed alike.
    const key = JSON.stringify([name, kind, message.replaceAll(/\d+/g, '#')]);
    const known = this.#kinds.get(key);
    const isFresh = known === undefined || now - known.stackAt >= stackEvery;
    this.#kinds.delete(key);
    this.#kinds.set(key, {
      name,
      id: job.id,
      attempt: job.attempt,
      at: now,
      count: (known?.count ?? 0) + 1,
      error: isFresh ? shownError(error) : known.error,
      request: requestLine(job),
      stackAt: isFresh ? now : known.stackAt,
    });
    if (this.#kinds.size > mostKinds) {
      const [oldest] = this.#kinds.keys();
      if (oldest !== undefined) this.#kinds.delete(oldest);
    }
  }
}

const logs = new WeakMap<object, FailureLog>();

/** The log of a scheduler: one, however many pages show it. */
export function failuresOf(scheduler: Scheduler): FailureLog {
  const pool = poolOf(scheduler);
  const known = logs.get(pool);
  if (known !== undefined) return known;
  const log = new FailureLog();
  logs.set(pool, log);
  pool.failures.observe((job, error) => {
    log.add(job, error);
  });
  return log;
}
