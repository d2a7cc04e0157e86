// Taken once, so that fake timers in a user's tests cannot hold the clock still.
const nextTurn = setImmediate;
const realNow = Date.now;
const isReal = Function.prototype.toString.call(realNow).includes('[native code]');

// So many readings in one turn of the event loop, each at most 1 ms after the one before, make a run.
const runLength = 8;
// Of a run, only every so many-and-first time is read.
const shared = 8;

/**
 * The times of one pool's jobs: ms since its first job, so that most are small integers.
 *
 * To read the clock costs some 50 ns, a sixth of a short job. Where many jobs start within a millisecond and in one
 * turn, a few share one reading: it is too old only if the code between two of them has blocked the event loop.
 */
export class Clock {
  /** Epoch ms of the first job. */
  epoch: number = NaN;
  #last = 0;
  /** Readings of this turn in close succession. */
  #run = 0;
  /** How many more times are the last one. */
  #spare = 0;
  #sharesInTurn = false;
  readonly #onNextTurn = (): void => {
    this.#sharesInTurn = false;
    this.#run = 0;
    this.#spare = 0;
  };

  /** ms since the first job, not shared. */
  get exact(): number {
    return Date.now() - this.epoch;
  }

  now(): number {
    if (this.#spare === 0) return this.#read();
    this.#spare -= 1;
    return this.#last;
  }

  #read(): number {
    const now = Date.now();
    if (Number.isNaN(this.epoch)) this.epoch = now;
    const elapsed = now - this.epoch;
    // As a small integer, if it is one: V8 would keep the difference of two doubles as a double, 16 bytes more.
    const small = elapsed | 0;
    const time = small === elapsed ? small : elapsed;
    const step = time - this.#last;
    this.#run = step === 0 || step === 1 ? this.#run + 1 : 0;
    this.#last = time;
    if (this.#run >= runLength) this.#share();
    return time;
  }

  #share(): void {
    // A clock that a test moves may move between any two jobs.
    if (!isReal || Date.now !== realNow) return;
    this.#spare = shared;
    if (this.#sharesInTurn) return;
    this.#sharesInTurn = true;
    nextTurn(this.#onNextTurn).unref();
  }
}
