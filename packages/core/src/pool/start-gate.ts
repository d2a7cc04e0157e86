import type { StartRate } from './start-rate.ts';

/** Whether a function may start now, as far as it is not its own job that decides. */
export class StartGate {
  /** Functions that run at once. */
  limit: number;
  /** Those that run now, each in a slot. */
  running = 0;
  #paused = false;
  #stopped = false;
  #rate: StartRate | undefined = undefined;
  /** Paused, stopped or under a rate. */
  #restricted = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    this.#restrict();
  }

  /** How often functions may start. */
  get rate(): StartRate | undefined {
    return this.#rate;
  }

  set rate(rate: StartRate | undefined) {
    this.#rate?.end();
    this.#rate = rate;
    this.#restrict();
  }

  /** Nothing starts any more. */
  stop(): void {
    this.#stopped = true;
    this.#rate?.end();
    this.#restrict();
  }

  /** Whether one that needs no slot may start. */
  get isOpen(): boolean {
    return !(this.#restricted && this.#isHeldBack());
  }

  /** Whether one may start and take a slot. */
  get hasSlot(): boolean {
    return this.running < this.limit && !(this.#restricted && this.#isHeldBack());
  }

  /** How many more may start now, each in a slot, where others wait already. */
  free(waiting: number): number {
    if (this.#paused || this.#stopped) return 0;
    const free = Math.max(0, this.limit - this.running - waiting);
    return this.#rate === undefined ? free : this.#rate.mostOf(free, waiting);
  }

  /** The rate has a timer while it alone holds back these jobs, of which some may need no slot. */
  watchRate(waiting: boolean, slotless: boolean): void {
    const fits = slotless || (waiting && this.running < this.limit);
    this.#rate?.watch(fits && !this.#paused && !this.#stopped);
  }

  #isHeldBack(): boolean {
    return this.#paused || this.#stopped || this.#rate?.allowsStart === false;
  }

  #restrict(): void {
    this.#restricted = this.#paused || this.#stopped || this.#rate !== undefined;
  }
}
