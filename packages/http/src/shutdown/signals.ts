import { constants } from 'node:os';
import { type ProcessEvent, processEvents } from './process-events.ts';

// npm and tsx pass a signal on that the terminal has sent to everybody already: both arrive.
const sameWithin = 500; // ms

/** What signals ask for: the first to begin, a later one to hurry, the third to end at once. */
export class ShutdownSignals {
  readonly #begin: (trigger: string) => void;
  readonly #hurry: (signal: NodeJS.Signals) => void;
  readonly #listeners = new Map<ProcessEvent, (payload: unknown) => void>();
  #count = 0;
  #countedAt = -Infinity;

  /** @param triggers - signals, and a message of the parent process that begins as a first signal does */
  constructor(
    { signals, message }: { signals: readonly NodeJS.Signals[]; message: string | undefined },
    on: { begin: (trigger: string) => void; hurry: (signal: NodeJS.Signals) => void },
  ) {
    this.#begin = on.begin;
    this.#hurry = on.hurry;
    for (const signal of signals) {
      this.#listeners.set(signal, () => {
        this.#onSignal(signal);
      });
    }
    if (message !== undefined) {
      this.#listeners.set('message', (payload) => {
        if (payload === message) this.#onMessage(message);
      });
    }
    for (const [event, listener] of this.#listeners) processEvents().on(event, listener);
  }

  remove(): void {
    for (const [event, listener] of this.#listeners) processEvents().off(event, listener);
  }

  #onSignal(signal: NodeJS.Signals): void {
    if (!this.#counts()) return;
    if (this.#count === 1) this.#begin(signal);
    else if (this.#count === 2) this.#hurry(signal);
    // Not by removing the handlers and sending it again: process 1 of a container would live on.
    else process.exit(128 + constants.signals[signal]);
  }

  #onMessage(message: string): void {
    if (this.#count === 0 && this.#counts()) this.#begin(`message ${JSON.stringify(message)}`);
  }

  #counts(): boolean {
    const now = performance.now();
    if (now - this.#countedAt < sameWithin) return false;
    this.#countedAt = now;
    this.#count += 1;
    return true;
  }
}
