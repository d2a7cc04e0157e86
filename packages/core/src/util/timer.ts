import { outside } from './context.ts';

// Node's setTimeout fires after 1 ms for anything larger.
const longest = 2 ** 31 - 1;

/** A timer that takes any delay (`Infinity`: never fires), can be cleared, and holds the process unless it shall not. */
export class Timer {
  #handle: NodeJS.Timeout | undefined;
  readonly #callback: () => void;
  readonly #holds: boolean;

  constructor(delay: number, callback: () => void, holds: boolean = true) {
    this.#callback = callback;
    this.#holds = holds;
    this.#arm(delay);
  }

  clear(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }

  #arm(delay: number): void {
    const step = Math.min(delay, longest);
    this.#handle = outside.runInAsyncScope(
      setTimeout,
      undefined,
      () => {
        if (delay > step) this.#arm(delay - step);
        else this.#callback();
      },
      step,
    );
    if (!this.#holds) this.#handle.unref();
  }
}
