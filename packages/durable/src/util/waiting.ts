/** Waits, without holding the process. */
export async function pause(delay: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, delay).unref();
  });
}

/** Waits for the work, but no longer; whether it was in time. Its failure counts as its end. */
export async function within(limit: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limit, false);
  });
  const done = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([done, timeUp]);
  clearTimeout(timer);
  return inTime;
}
