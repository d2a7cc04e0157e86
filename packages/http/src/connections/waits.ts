import { type Deferred, deferred } from '@outlive/core/internal';

/** Something that is waited for, and whether it has come. */
interface Wait {
  readonly isOver: () => boolean;
  readonly deferred: Deferred<void>;
}

/** What the callers of a closing server's connections wait for. */
export class Waits {
  #waits: Wait[] = [];

  /** Resolves when a check finds that it is so. */
  until(isOver: () => boolean): Promise<void> {
    const wait = { isOver, deferred: deferred<void>() };
    this.#waits.push(wait);
    return wait.deferred.promise;
  }

  check(): void {
    const over = this.#waits.filter(({ isOver }) => isOver());
    this.#waits = this.#waits.filter((wait) => !over.includes(wait));
    for (const wait of over) wait.deferred.resolve();
  }
}
