import { constants } from 'node:os';

// npm and tsx pass a signal on that the terminal has sent to everybody already: both arrive.
const sameWithin = 500;

/** What signals ask for: the first to begin, a later one to hurry, the third to end at once. */
export class ShutdownSignals {
  readonly #signals: readonly NodeJS.Signals[];
  readonly #begin: (signal: NodeJS.Signals) => void;
  readonly #hurry: (signal: NodeJS.Signals) => void;
  #count = 0;
  #countedAt = -Infinity;
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (now - this.#countedAt < sameWithin) return;
    this.#countedAt = now;
    this.#count += 1;
    if (this.#count === 1) this.#begin(signal);
    else if (this.#count === 2) this.#hurry(signal);
    // Not by removing the handlers and sending it again: process 1 of a container would live on.
    else process.exit(128 + constants.signals[signal]);
  };

  constructor(
    signals: readonly NodeJS.Signals[],
    on: { begin: (signal: NodeJS.Signals) => void; hurry: (signal: NodeJS.Signals) => void },
  ) {
    this.#signals = signals;
    this.#begin = on.begin;
    this.#hurry = on.hurry;
    for (const signal of signals) process.on(signal, this.#onSignal);
  }

  remove(): void {
    for (const signal of this.#signals) process.off(signal, this.#onSignal);
  }
}
