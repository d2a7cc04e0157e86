/** Waits for `delay` ms, without holding the process. */
export async function pause(delay: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, delay).unref();
  });
}

/** Waits for `work`, but for no more than `limit` ms. A rejection of `work` ends the wait like a result. */
export async function within(limit: number, work: Promise<unknown> | undefined): Promise<void> {
  if (work === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limit);
  });
  const settled = work.then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([settled, timeUp]);
  clearTimeout(timer);
}

/** The result of `work`, or the rejection `late()` where that takes longer than `limit` ms. Does not hold the process. */
export async function atMost<T>(
  limit: number,
  work: PromiseLike<T>,
  late: () => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), limit).unref();
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
