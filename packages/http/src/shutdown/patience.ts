import { Timer } from '@outlive/core/internal';

/** Waits for work within bounds that can be cut short from outside. */
export class Patience {
  #giveUp: () => void = () => undefined;

  /** Ends the wait that goes on right now. */
  end(): void {
    this.#giveUp();
  }

  /** Waits for the work for `limit` ms at most. Gives whether it was done by then. */
  async atMost(limit: number, work: Promise<unknown>): Promise<boolean> {
    if (limit === 0) return false;
    let timer: Timer | undefined;
    const timeUp = new Promise<boolean>((resolve) => {
      this.#giveUp = () => {
        resolve(false);
      };
      timer = new Timer(limit, this.#giveUp);
    });
    const done = await Promise.race([work.then(() => true), timeUp]);
    timer?.clear();
    return done;
  }

  /** Waits for `limit` ms. */
  async pause(limit: number): Promise<void> {
    await this.atMost(limit, new Promise(() => undefined));
  }
}
