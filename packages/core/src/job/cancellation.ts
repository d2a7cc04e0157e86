import { JobCancelledError, withoutStack } from '../errors.ts';

let closed: JobCancelledError | undefined;

/** Why a job was closed when nobody said so. One for all: to make an error costs more than to cancel. */
function closedByCaller(): JobCancelledError {
  closed ??= withoutStack(() => new JobCancelledError());
  return closed;
}

/** One decision to cancel: shared by all the jobs that it meets, so that closing 100,000 makes two errors. */
export class Cancellation {
  readonly reason: unknown;
  /** Whether a drain or a close of the scheduler has decided it. */
  readonly isShutdown: boolean;
  #error: JobCancelledError | undefined;

  constructor(reason: unknown = closedByCaller(), isShutdown = false) {
    this.reason = reason;
    this.isShutdown = isShutdown;
  }

  /** What `wait()` of a cancelled job throws. */
  get error(): JobCancelledError {
    this.#error ??= withoutStack(() => new JobCancelledError(undefined, { cause: this.reason }));
    return this.#error;
  }

  /** Whether a cancelled function that rejected with this just obeyed. */
  explains(error: unknown): boolean {
    if (Object.is(error, this.reason)) return true;
    try {
      return (error as { name?: unknown } | null | undefined)?.name === 'AbortError';
    } catch {
      return false; // a `name` getter that throws
    }
  }
}
