/** Whether a function may start now, as far as it is not its own job that decides. */
export class StartGate {
  /** Functions that run at once. */
  limit: number;
  /** Those that run now, each in a slot. */
  running = 0;
  paused = false;
  /** Nothing starts any more. */
  stopped = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether one that needs no slot may start. */
  get isOpen(): boolean {
    return !this.paused && !this.stopped;
  }

  /** Whether one may start and take a slot. */
  get hasSlot(): boolean {
    return this.running < this.limit && !this.paused && !this.stopped;
  }
}
