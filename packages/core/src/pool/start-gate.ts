import type { Rate } from '../rate.ts';
import { StartRate } from './start-rate.ts';

/** What waits and what runs. */
interface Waiting {
  readonly pending: { readonly ready: number; readonly hasSlotless: boolean };
  readonly admission: { readonly first: object | undefined };
  readonly active: { readonly size: number };
}

/** Whether a function may start now, as far as it is not its own job that decides. */
export class StartGate {
  #limit: number;
  /** Functions that run now in the slot of another one. */
  #slotless = 0;
  /** How many may run at once, those included. */
  #most: number;
  /** Neither paused, nor stopped, nor under a rate: nothing but slots counts. */
  #isOpen = true;
  #paused = false;
  #stopped = false;
  #rate: StartRate | undefined = undefined;
  readonly #onAllowed: () => void;

  /** @param onAllowed - called when the rate allows a start that was waited for */
  constructor(
    { limit, rate }: { readonly limit: number; readonly rate: Rate | undefined },
    onAllowed: () => void,
  ) {
    this.#limit = limit;
    this.#most = limit;
    this.#onAllowed = onAllowed;
    this.setRate(rate);
  }

  /** Functions that run at once. */
  get limit(): number {
    return this.#limit;
  }

  setLimit(limit: number): void {
    this.#limit = limit;
    this.#most = limit + this.#slotless;
  }

  /** So many more run that need no slot. */
  addSlotless(more: 1 | -1): void {
    this.#slotless += more;
    this.#most += more;
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
    this.#decide();
  }

  resume(): void {
    this.#paused = false;
    this.#decide();
  }

  /** How often functions may start. */
  get rate(): StartRate | undefined {
    return this.#rate;
  }

  setRate(rate: Rate | undefined): void {
    this.#rate?.end();
    this.#rate = rate && new StartRate(rate, this.#rate, this.#onAllowed);
    this.#decide();
  }

  /** Nothing starts any more. */
  stop(): void {
    this.#stopped = true;
    this.#rate?.end();
    this.#decide();
  }

  /** Whether one that needs no slot may start. */
  get isOpen(): boolean {
    return this.#isOpen || this.#rateAllows();
  }

  /** Whether one may start and take a slot, where so many run. */
  hasSlot(running: number): boolean {
    return running < this.#most && (this.#isOpen || this.#rateAllows());
  }

  /** How many more may take a slot now, where so many run and so many wait for one already. */
  free(running: number, waiting: number): number {
    if (this.#paused || this.#stopped) return 0;
    const free = Math.max(0, this.#most - running - waiting);
    return this.#rate === undefined ? free : this.#rate.mostOf(free, waiting);
  }

  /** The rate has a timer while it alone holds a job back. */
  watchRate({ pending, admission, active }: Waiting): void {
    const waits = pending.ready > 0 || admission.first !== undefined;
    const fits = pending.hasSlotless || active.size < this.#most;
    this.#rate?.watch(waits && fits && !this.#paused && !this.#stopped);
  }

  /** Whether a job waits only because every slot is taken. */
  isFull({ pending, admission, active }: Waiting): boolean {
    if (this.#paused || this.#stopped || active.size < this.#most) return false;
    return pending.ready > 0 || admission.first !== undefined;
  }

  #rateAllows(): boolean {
    return !this.#paused && !this.#stopped && this.#rate?.allowsStart === true;
  }

  #decide(): void {
    this.#isOpen = !this.#paused && !this.#stopped && this.#rate === undefined;
  }
}
