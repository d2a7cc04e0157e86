import { type Deferred, deferred } from '../util/observed-promise.ts';

interface IdleWait {
  /** How much work may be left. */
  readonly besides: () => number;
  readonly deferred: Deferred<void>;
}

const nothing = (): number => 0;

/** The calls that wait until a drain has no work left, though it may be held. */
export class IdleWaits {
  #waits: IdleWait[] = [];

  add(besides: () => number = nothing): Promise<void> {
    const wait = { besides, deferred: deferred<void>() };
    this.#waits.push(wait);
    return wait.deferred.promise;
  }

  /** So much work is left. */
  progress(work: number): void {
    if (this.#waits.length > 0) this.#end(({ besides }) => work === 0 || work <= besides());
  }

  /** The drain is over. */
  end(): void {
    this.#end(() => true);
  }

  #end(isOver: (wait: IdleWait) => boolean): void {
    const over = this.#waits.filter(isOver);
    this.#waits = this.#waits.filter((wait) => !over.includes(wait));
    for (const wait of over) wait.deferred.resolve();
  }
}
