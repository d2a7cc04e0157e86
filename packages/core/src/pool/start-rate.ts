import type { Rate } from '../rate.ts';
import { SteadyClock } from '../util/steady-clock.ts';
import { Timer } from '../util/timer.ts';
import { StartTimes } from './start-times.ts';

/** How much later than noted a function may begin, in ms: its first call compiles it. */
const longestCall = 1;

/** At most `starts` starts in any `per` ms: a start is allowed when the one `starts` before it is `per` ms old. */
export class StartRate {
  readonly rate: Rate;
  readonly #clock: SteadyClock;
  readonly #times: StartTimes;
  readonly #onAllowed: () => void;
  #timer: Timer | undefined;
  /** The callback is waited for, whether or not a job is pending. */
  #asked = false;

  /**
   * @param previous - the rate until now, whose starts count
   * @param onAllowed - called when a start is allowed that was waited for
   */
  constructor(rate: Rate, previous: StartRate | undefined, onAllowed: () => void) {
    this.rate = rate;
    this.#onAllowed = onAllowed;
    this.#times = new StartTimes(rate.starts);
    this.#clock = previous === undefined ? new SteadyClock() : previous.#clock;
    if (previous !== undefined) for (const time of previous.#times.sorted()) this.#add(time);
  }

  get allowsStart(): boolean {
    return this.#clock.now() >= this.#moment;
  }

  /** How many of `free` slots new jobs may have, while others wait already. If none, the callback will tell. */
  mostOf(free: number, waiting: number): number {
    const { starts, per } = this.rate;
    const left = starts - this.#times.countAfter(this.#clock.now() - per);
    const most = Math.max(0, Math.min(free, left - waiting));
    if (free > 0 && most === 0) {
      this.#asked = true;
      this.#arm();
    }
    return most;
  }

  /**
   * Counts a start. It counts from as late as the function may have begun, so that no window is too short: for how
   * long the call takes, but no longer than {@link longestCall}.
   */
  count(start: () => void): void {
    const time = this.#clock.now();
    this.#add(time);
    start();
    if (this.#times.newest === time) {
      this.#times.newest = Math.min(this.#clock.now(), time + longestCall);
    }
  }

  /** Calls back when the next start is allowed, while it holds a job back. */
  watch(holdsBack: boolean): void {
    if (holdsBack) this.#arm();
    else if (!this.#asked) this.end();
  }

  /** Holds no timer any more. */
  end(): void {
    this.#timer?.clear();
    this.#timer = undefined;
    this.#asked = false;
  }

  /** From when on the next start is allowed. */
  get #moment(): number {
    const { oldest } = this.#times;
    return oldest === undefined ? -Infinity : oldest + this.rate.per;
  }

  #arm(): void {
    if (this.#timer !== undefined) return;
    const moment = this.#moment;
    const wait = moment - this.#clock.now();
    if (wait <= 0) return;
    this.#timer = new Timer(Math.ceil(wait), () => {
      this.#timer = undefined;
      this.#clock.reach(moment);
      if (this.allowsStart) {
        this.#asked = false;
        this.#onAllowed();
      } else this.#arm();
    });
  }

  #add(time: number): void {
    this.#times.add(time, this.#clock.now() - this.rate.per);
  }
}
