// A job that spawns its successor before it ends could run for ever without one turn of the event loop in
// between: after this many starts in one turn the next waits for the following turn.
const startsPerTurn = 1_000;

// Taken once, so that fake timers in a user's tests cannot stall the queue.
const nextTurn = setImmediate;

/** How many jobs one turn of the event loop may start. */
export class TurnBudget {
  /** The budget of this turn is spent: nothing starts before the next one. */
  spent = false;
  #starts = 0;
  #next: NodeJS.Immediate | undefined;
  readonly #onNextTurn: () => void;

  /** @param resume - called in the next turn, where the budget of this one was spent */
  constructor(resume: () => void) {
    this.#onNextTurn = () => {
      this.#starts = 0;
      this.#next = undefined;
      if (!this.spent) return;
      this.spent = false;
      resume();
    };
  }

  count(): void {
    this.#starts += 1;
    // One immediate per turn: a second would grant the next turn twice as many starts, the one after it four times.
    this.#next ??= nextTurn(this.#onNextTurn).unref();
    if (this.#starts < startsPerTurn) return;
    this.spent = true;
    this.#next.ref();
  }
}
