/** Whether a function may start now, as far as it is not its own job that decides. */
export class StartGate {
  /** Functions that run at once. */
  limit: number;
  /** Those that run now in the slot of another one. */
  slotless = 0;
  /** Whether one that needs no slot may start. */
  isOpen = true;
  #paused = false;
  #stopped = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    this.isOpen = !this.#paused && !this.#stopped;
  }

  /** Nothing starts any more. */
  stop(): void {
    this.#stopped = true;
    this.isOpen = false;
  }

  /** Whether one may start and take a slot, where so many run. */
  hasSlot(running: number): boolean {
    return this.isOpen && running - this.slotless < this.limit;
  }
}
