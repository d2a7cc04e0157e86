import { JobTimeoutError } from '../errors.ts';
import { deferred } from '../util/observed-promise.ts';
import { Timer } from '../util/timer.ts';

/** What a wait needs of a job. */
export interface Waitable {
  readonly closed: boolean;
  /** Calls that are entitled to the failure. */
  waiters: number;
  settled(): Promise<unknown>;
}

/** Waits for a job until a time is up or a signal aborts; then it has given up and is no waiter any more. */
export function limitedWait(
  job: Waitable,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const { promise, resolve, reject } = deferred<unknown>();
  if (signal?.aborted) {
    reject(signal.reason);
    return promise;
  }
  let timer: Timer | undefined;
  const release = (): void => {
    timer?.clear();
    signal?.removeEventListener('abort', onAbort);
  };
  const giveUp = (reason: unknown): void => {
    release();
    if (job.closed) return; // too late: the failure is this waiter's already
    job.waiters -= 1;
    reject(reason);
  };
  const onAbort = (): void => {
    giveUp(signal?.reason);
  };
  job.waiters += 1;
  if (timeout !== Infinity && !job.closed) {
    timer = new Timer(timeout, () => {
      giveUp(new JobTimeoutError(`The job did not settle within ${timeout} ms`));
    });
  }
  signal?.addEventListener('abort', onAbort);
  void job.settled().then(
    (value) => {
      release();
      resolve(value);
    },
    (error: unknown) => {
      release();
      reject(error);
    },
  );
  return promise;
}
