import type { JobContext } from '@outlive/core';

/** Runs until it is cancelled, then rejects with the reason. */
export function obedient({ signal }: Pick<JobContext, 'signal'>): Promise<never> {
  return new Promise((_, reject) => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the reason as it is
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

/** Never settles, whatever happens. */
export function stubborn(): Promise<never> {
  return new Promise(() => {});
}

/** Rejects with exactly this, error or not. */
export function failWith(thrown: unknown): () => Promise<never> {
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is the point
  return () => Promise.reject(thrown);
}
