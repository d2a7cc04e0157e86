import type { StoreClock } from '../../backend.ts';

/** The time of jobs in memory: that of the process, until a test moves it on. */
export class MemoryClock implements StoreClock {
  /** Time in ms. */
  #ahead = 0;
  readonly #listeners: (() => void)[] = [];

  now(): number {
    return Date.now() + this.#ahead;
  }

  onAdvance(listener: () => void): void {
    this.#listeners.push(listener);
  }

  advance(time: number): void {
    this.#ahead += time;
    for (const listener of this.#listeners) listener();
  }
}
