/** Far above what a close may take once nothing is left to wait for, far below Node's own time-outs. */
const promptLimit = 2_500;

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

/** Gives what the promise gives, if that does not take one of Node's time-outs. */
export async function promptly<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Took more than ${promptLimit} ms`));
    }, promptLimit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Gives how many ms it takes. */
export async function duration(promise: Promise<unknown>): Promise<number> {
  const from = performance.now();
  await promise;
  return performance.now() - from;
}
