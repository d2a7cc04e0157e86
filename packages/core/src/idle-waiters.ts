import { deferred } from './observed-promise.ts';

/** The calls that wait until nothing is left to wait for. */
export class IdleWaiters {
  readonly #waiters = new Set<{ resolve: () => void; reject: (reason: unknown) => void }>();

  get size(): number {
    return this.#waiters.size;
  }

  add(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    const end = (): void => {
      this.#waiters.delete(waiter);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      waiter.reject(signal?.reason);
    };
    const waiter = {
      resolve: () => {
        end();
        resolve();
      },
      reject: (reason: unknown) => {
        end();
        reject(reason);
      },
    };
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', onAbort);
    return promise;
  }

  resolveAll(): void {
    for (const waiter of this.#waiters) waiter.resolve();
  }

  rejectAll(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(reason);
  }
}
