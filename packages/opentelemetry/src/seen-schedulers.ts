import type { Attributes } from '@opentelemetry/api';
import type { Scheduler } from '@outlive/core';

/** Schedulers that are kept by nobody but their owners, with what tells them apart. */
export class SeenSchedulers {
  readonly #attributes = new WeakMap<Scheduler, Attributes>();
  readonly #refs = new Set<WeakRef<Scheduler>>();

  /** The attributes of a scheduler, which is one of these from here on. Made once: most jobs have no others. */
  attributesOf(scheduler: Scheduler): Attributes {
    const known = this.#attributes.get(scheduler);
    if (known !== undefined) return known;
    const attributes: Attributes =
      scheduler.name === undefined ? {} : { 'outlive.scheduler.name': scheduler.name };
    this.#attributes.set(scheduler, attributes);
    this.#refs.add(new WeakRef(scheduler));
    return attributes;
  }

  *[Symbol.iterator](): Generator<Scheduler, void, undefined> {
    for (const ref of this.#refs) {
      const scheduler = ref.deref();
      if (scheduler === undefined) this.#refs.delete(ref);
      else yield scheduler;
    }
  }
}
