import type { Scheduler } from '@outlive/core';

/** The schedulers that were named; or all from which an event has come, kept by nobody but their owners. */
export class WatchedSchedulers {
  readonly #named: ReadonlySet<Scheduler> | undefined;
  readonly #known = new WeakSet<Scheduler>();
  readonly #refs = new Set<WeakRef<Scheduler>>();
  #isForgotten = false;

  constructor(named: readonly Scheduler[] | undefined) {
    this.#named = named && new Set(named);
  }

  /** Whether it is one of them; from here on, if any is. */
  has(scheduler: Scheduler): boolean {
    if (this.#named !== undefined) return this.#named.has(scheduler);
    if (!this.#known.has(scheduler)) {
      this.#known.add(scheduler);
      this.#refs.add(new WeakRef(scheduler));
    }
    return true;
  }

  forget(): void {
    this.#isForgotten = true;
  }

  *[Symbol.iterator](): Generator<Scheduler, void, undefined> {
    if (this.#isForgotten) return;
    if (this.#named !== undefined) yield* this.#named;
    for (const ref of this.#refs) {
      const scheduler = ref.deref();
      if (scheduler === undefined) this.#refs.delete(ref);
      else yield scheduler;
    }
  }
}
