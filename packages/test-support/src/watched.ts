import { pause } from './turn.ts';

/** Together far above what a close may take once nothing is left to wait for, far below Node's own time-outs, in ms. */
const looks = 100;
const lookEvery = 25;

/** Follows a promise without waiting for it. */
export interface Watched<T> {
  readonly promise: Promise<T>;
  readonly over: boolean;
}

export function watched<T>(promise: Promise<T>): Watched<T> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  void promise.then(end, end);
  return {
    promise,
    get over() {
      return over;
    },
  };
}

/**
 * Gives what the promise gives, if that does not take one of Node's time-outs. Counted is the time in which this process
 * runs: a machine that stops it for a while is not what is tested.
 */
export async function promptly<T>(promise: Promise<T>): Promise<T> {
  const followed = watched(promise);
  const settled = promise.catch(() => undefined);
  for (let look = 0; look < looks && !followed.over; look += 1) {
    await Promise.race([settled, pause(lookEvery)]);
  }
  if (!followed.over) throw new Error(`Took more than ${looks * lookEvery} ms`);
  return promise;
}

/** Gives how many ms it takes. */
export async function duration(promise: Promise<unknown>): Promise<number> {
  const from = performance.now();
  await promise;
  return performance.now() - from;
}
