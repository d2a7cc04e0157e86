export interface ModelTimer {
  readonly due: number;
  readonly fire: () => void;
}

/** Time as the model knows it: timers, and promise jobs first in, first out. */
export class ModelClock {
  now = 0;
  readonly #timers = new Set<ModelTimer>();
  readonly #promiseJobs: (() => void)[] = [];
  readonly #endOfTurn: (() => void)[] = [];
  #ticking = false;

  get timerCount(): number {
    return this.#timers.size;
  }

  arm(delay: number, fire: () => void): ModelTimer {
    // Armed by another timer, 0 means the next millisecond (of fake timers and of Node's alike).
    const timer = { due: this.now + (delay === 0 && this.#ticking ? 1 : delay), fire };
    this.#timers.add(timer);
    return timer;
  }

  clear(timer: ModelTimer | undefined): void {
    if (timer !== undefined) this.#timers.delete(timer);
  }

  /** No promise job runs in between: as if the event loop had been blocked for so long. */
  advance(by: number): void {
    const until = this.now + by;
    this.#ticking = true;
    for (;;) {
      let next: ModelTimer | undefined;
      for (const timer of this.#timers) if (timer.due < (next?.due ?? Infinity)) next = timer;
      if (next === undefined || next.due > until) break;
      this.#timers.delete(next);
      this.now = next.due;
      next.fire();
    }
    this.#ticking = false;
    this.now = until;
  }

  /** Runs as a promise job, so many promise jobs later. */
  later(hops: number, callback: () => void): void {
    this.#promiseJobs.push(hops === 1 ? callback : () => this.later(hops - 1, callback));
  }

  atEndOfTurn(callback: () => void): void {
    this.#endOfTurn.push(callback);
  }

  endTurn(): void {
    for (let job = this.#promiseJobs.shift(); job !== undefined; job = this.#promiseJobs.shift())
      job();
    for (const callback of this.#endOfTurn.splice(0)) callback();
  }
}
