import { handled } from './observed-promise.ts';

/** What `wait()` hands out while the function has not returned a promise to derive it from. */
export class Settlement {
  readonly promise: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(value: unknown): void {
    this.#resolve(value);
  }

  reject(reason: unknown): void {
    this.#reject(reason);
    // Only now: most are never rejected, and each such mark is a promise more.
    void handled(this.promise);
  }
}
