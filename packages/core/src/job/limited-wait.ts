import { JobTimeoutError } from '../errors.ts';
import { outside } from '../util/context.ts';
import { type Follower, follow, unfollow } from '../util/follow.ts';
import { deferred } from '../util/observed-promise.ts';
import { onAbort } from '../util/on-abort.ts';
import { Timer } from '../util/timer.ts';

/** What a wait needs of a job. */
export interface Waitable {
  readonly closed: boolean;
  /** Calls that are entitled to the failure. */
  waiters: number;
  settled(): Promise<unknown>;
  /** Calls back when nothing holds the job open any more: at once, if it is closed. */
  whenClosed(callback: () => void): void;
}

/**
 * Waits for a job until a time is up or a signal aborts; then it has given up and is no waiter any more: nothing of
 * it can be reached from the job, which may run for long.
 */
export function limitedWait(
  job: Waitable,
  timeout: number,
  signal: AbortSignal | undefined,
  until: 'settled' | 'closed' = 'settled',
): Promise<unknown> {
  const { promise, resolve, reject } = deferred<unknown>();
  if (signal?.aborted) {
    reject(signal.reason);
    return promise;
  }
  const settled = outside.runInAsyncScope(job.settled, job);
  let timer: Timer | undefined;
  let stopListening: (() => void) | undefined;
  const release = (): void => {
    timer?.clear();
    stopListening?.();
  };
  const over = (settle: () => void): void => {
    const end = (): void => {
      release();
      settle();
    };
    if (until === 'settled') end();
    else job.whenClosed(end);
  };
  const follower: Follower = {
    onFulfilled: (value) => {
      over(() => {
        resolve(value);
      });
    },
    onRejected: (error) => {
      over(() => {
        reject(error);
      });
    },
  };
  const giveUp = (reason: unknown): void => {
    release();
    if (job.closed) return; // too late: the failure is this waiter's already
    unfollow(settled, follower);
    job.waiters -= 1;
    reject(reason);
  };
  job.waiters += 1;
  if (timeout !== Infinity && !job.closed) {
    timer = new Timer(timeout, () => {
      giveUp(new JobTimeoutError(`The job did not settle within ${timeout} ms`));
    });
  }
  if (signal !== undefined) {
    stopListening = onAbort(signal, () => {
      giveUp(signal.reason);
    });
  }
  follow(settled, follower);
  return promise;
}
