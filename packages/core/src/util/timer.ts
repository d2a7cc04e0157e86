import { outside } from './context.ts';

// Node's setTimeout fires after 1 ms for anything larger.
const longest = 2 ** 31 - 1;

/** A timer that holds the process, takes any delay (`Infinity`: never fires, still holds) and can be cleared. */
export class Timer {
  #handle: NodeJS.Timeout | undefined;
  readonly #callback: () => void;

  constructor(delay: number, callback: () => void) {
    this.#callback = callback;
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
  }
}
