import type { Scheduler } from '@outlive/core';

/** What metrics are told apart by, as prom-client takes it. */
export type Labels = Readonly<Partial<Record<'scheduler' | 'job', string>>>;

/** The schedulers that were named; or all from which an event has come, kept by nobody but their owners. */
export class WatchedSchedulers {
  readonly #named: readonly Scheduler[] | undefined;
  readonly #labels = new WeakMap<Scheduler, Labels>();
  readonly #refs = new Set<WeakRef<Scheduler>>();
  #isForgotten = false;

  constructor(named: readonly Scheduler[] | undefined) {
    this.#named = named && [...new Set(named)];
    for (const scheduler of this.#named ?? []) this.#labels.set(scheduler, labelFor(scheduler));
  }

  /** Its label if it is one of them, which it is from here on if any is. Made once for each. */
  labelOf(scheduler: Scheduler): Labels | undefined {
    const known = this.#labels.get(scheduler);
    if (known !== undefined || this.#named !== undefined) return known;
    const label = labelFor(scheduler);
    this.#labels.set(scheduler, label);
    this.#refs.add(new WeakRef(scheduler));
    return label;
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

function labelFor({ name = '' }: Scheduler): Labels {
  return { scheduler: name };
}
