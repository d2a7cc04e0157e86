import type { Scheduler } from '@outlive/core';

/** Schedulers that are kept by nobody but their owners. */
export class SeenSchedulers {
  readonly #known = new WeakSet<Scheduler>();
  readonly #refs = new Set<WeakRef<Scheduler>>();

  add(scheduler: Scheduler): void {
    if (this.#known.has(scheduler)) return;
    this.#known.add(scheduler);
    this.#refs.add(new WeakRef(scheduler));
  }

  *[Symbol.iterator](): Generator<Scheduler, void, undefined> {
    for (const ref of this.#refs) {
      const scheduler = ref.deref();
      if (scheduler === undefined) this.#refs.delete(ref);
      else yield scheduler;
    }
  }
}
