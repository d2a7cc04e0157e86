import { deferred } from '@outlive/core/internal';

/** Waits that end all together, by `wake()`. */
export class Waiters {
  readonly #wakes = new Set<() => void>();

  /** Resolves at the next `wake()`, after `limit` ms, or on the abort. */
  async wait(limit: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const woken = deferred<void>();
    const wake = (): void => woken.resolve();
    this.#wakes.add(wake);
    signal.addEventListener('abort', wake);
    const timer = setTimeout(wake, limit);
    await woken.promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
    this.#wakes.delete(wake);
  }

  wake(): void {
    for (const wake of this.#wakes) wake();
  }
}
