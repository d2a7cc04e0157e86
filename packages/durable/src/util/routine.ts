/** Work that is done again and again, never twice at a time, and without holding the process. */
export class Routine {
  readonly #work: () => Promise<void>;
  readonly #report: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #underWay: Promise<void> | undefined;
  #ended = false;

  /**
   * @param interval - time in ms between two times
   * @param report - receives what `work` rejects with, before the end
   */
  constructor(interval: number, work: () => Promise<void>, report: (error: unknown) => void) {
    this.#work = work;
    this.#report = report;
    this.#timer = setInterval(() => {
      this.#underWay ??= this.#do();
    }, interval).unref();
  }

  /** For work that can stop in its midst. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Resolves when no work is under way any more. */
  async end(): Promise<void> {
    this.#ended = true;
    clearInterval(this.#timer);
    await this.#underWay;
  }

  async #do(): Promise<void> {
    try {
      await this.#work();
    } catch (error) {
      if (!this.#ended) this.#report(error);
    } finally {
      this.#underWay = undefined;
    }
  }
}
