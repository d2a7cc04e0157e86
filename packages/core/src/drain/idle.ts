import { onAbort } from '../util/on-abort.ts';
import { deferred } from '../util/observed-promise.ts';

/** The calls that wait until nothing is left to wait for. */
export class Idle {
  readonly #waiters = new Set<{ resolve: () => void; reject: (reason: unknown) => void }>();
  readonly #count: () => number;

  /** @param count - how much is left to wait for */
  constructor(count: () => number) {
    this.#count = count;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Resolves at a call of `progress()` that finds nothing left. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    const end = (): void => {
      this.#waiters.delete(waiter);
      stopListening?.();
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
    const stopListening =
      signal &&
      onAbort(signal, () => {
        waiter.reject(signal.reason);
      });
    return promise;
  }

  /** Something has ended: perhaps that was the last. */
  progress(): void {
    if (this.size === 0 || this.#count() > 0) return;
    for (const waiter of this.#waiters) waiter.resolve();
  }

  rejectAll(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(reason);
  }
}
