/** Times that the first ring has room for; it doubles when needed. */
const firstRoom = 16;

/**
 * The times of the newest starts, in ms, so many at most: a ring that grows no larger than twice the starts of one
 * window. Doubles in an array of their own, which are 8 bytes each and nothing to the garbage collector.
 */
export class StartTimes {
  readonly most: number;
  #times: Float64Array;
  #size = 0;
  /** Where the next time goes: once the ring is full, the place of the oldest. */
  #next = 0;

  constructor(most: number) {
    this.most = most;
    this.#times = new Float64Array(Math.min(firstRoom, most));
  }

  /** The oldest of as many as there may be; with fewer, `undefined`. */
  get oldest(): number | undefined {
    return this.#size === this.most ? this.#times[this.#next] : undefined;
  }

  /** Adds a time, to those before `expired` or in their place. */
  add(time: number, expired: number): void {
    const room = this.#times.length;
    if (this.#size === room && room < this.most && (this.#times[this.#next] as number) > expired)
      this.#grow();
    this.#times[this.#next] = time;
    this.#next = (this.#next + 1) % this.#times.length;
    if (this.#size < this.#times.length) this.#size += 1;
  }

  get newest(): number {
    return this.#times[this.#newestPlace] as number;
  }

  set newest(time: number) {
    this.#times[this.#newestPlace] = time;
  }

  /** How many are later. */
  countAfter(time: number): number {
    const sorted = this.sorted();
    let low = 0;
    for (let high = sorted.length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as number) > time) high = middle;
      else low = middle + 1;
    }
    return sorted.length - low;
  }

  /** A copy, oldest first. */
  sorted(): Float64Array {
    const times = new Float64Array(this.#size);
    const oldest = this.#size < this.#times.length ? 0 : this.#next;
    times.set(this.#times.subarray(oldest, this.#size));
    times.set(this.#times.subarray(0, oldest), this.#size - oldest);
    return times;
  }

  get #newestPlace(): number {
    return (this.#next === 0 ? this.#times.length : this.#next) - 1;
  }

  #grow(): void {
    const times = new Float64Array(Math.min(2 * this.#times.length, this.most));
    times.set(this.sorted());
    this.#times = times;
    this.#next = this.#size;
  }
}
