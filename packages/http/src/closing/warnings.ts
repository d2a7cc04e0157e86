/** In ms, from the call of close(). */
const warnAfter = 1_000;

/** One process warning for each server at most, when its close takes long and its caller may wonder why. */
export class HeldCloseWarning {
  readonly #describe: () => string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #silent = false;

  /** @param describe - says what the close waits for, if that is worth a warning */
  constructor(describe: () => string | undefined) {
    this.#describe = describe;
  }

  start(): void {
    if (this.#silent) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#warn();
    }, warnAfter).unref();
  }

  /** What is worth a warning may have come since: looks once more, unless that is still to come. */
  restart(): void {
    if (this.#timer === undefined) this.start();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  silence(): void {
    this.#silent = true;
    this.stop();
  }

  #warn(): void {
    const message = this.#describe();
    if (message === undefined) return;
    this.#silent = true;
    process.emitWarning(message, { type: 'OutliveWarning', code: 'OUTLIVE_HELD_CLOSE' });
  }
}
