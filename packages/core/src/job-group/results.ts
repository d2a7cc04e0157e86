/** What the jobs of a group gave, in the order of completion, for those who iterate over them. */
export class Results {
  #values: unknown[] = [];
  #taken = 0;
  /** Nobody has said that they are not wanted. */
  #wanted = true;
  #iterations = 0;
  readonly #onChange: (() => void)[] = [];

  add(value: unknown): void {
    if (!this.#wanted) return;
    this.#values.push(value);
    this.changed();
  }

  /** Something has happened that an iteration may wait for. */
  changed(): void {
    for (const listener of this.#onChange.splice(0)) listener();
  }

  /** They are not wanted, unless somebody iterates over them. */
  drop(): void {
    if (this.#iterations > 0) return;
    this.#wanted = false;
    this.#values = [];
  }

  /** Gives results until there is none, and nothing is left to come. */
  async *until(isOver: () => boolean): AsyncGenerator<unknown, void, undefined> {
    this.#wanted = true;
    this.#iterations += 1;
    try {
      for (;;) {
        if (this.#taken < this.#values.length) {
          yield this.#take();
        } else if (isOver()) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#onChange.push(resolve);
          });
        }
      }
    } finally {
      this.#iterations -= 1;
    }
  }

  #take(): unknown {
    const value = this.#values[this.#taken];
    this.#values[this.#taken] = undefined;
    this.#taken += 1;
    // Not at each one, which would move all that is left.
    if (this.#taken === this.#values.length) {
      this.#values = [];
      this.#taken = 0;
    }
    return value;
  }
}
