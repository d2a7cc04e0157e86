import type { Scheduler } from '@outlive/core';
import { JobResultError } from '../errors.ts';
import type { JobDefinition } from '../job-definition.ts';
import { type JsonKind, toJson } from '../payload/to-json.ts';
import type { ActiveLease } from './active-lease.ts';

const resultKind: JsonKind = { what: 'result', maxBytes: 65_536 };

/** What handlers have returned, as a store can keep it. */
export class Results {
  readonly #scheduler: Scheduler;
  /** The definitions whose results cannot be kept, as was reported once for each. */
  readonly #refused = new WeakSet<JobDefinition>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** `undefined` where there is nothing to keep. */
  of({ lease, definition, job }: ActiveLease, returned: unknown): unknown {
    if (returned === undefined || !definition.options.keepResult) return undefined;
    try {
      return toJson(definition.name, returned, resultKind);
    } catch (error) {
      if (this.#refused.has(definition)) return undefined;
      this.#refused.add(definition);
      const reason = error instanceof Error ? error.message : String(error);
      const hint = 'return less, or nothing, or set keepResult: false';
      this.#scheduler.callExceptionHandler({
        message: `What job ${lease.name} ${lease.id} returned is not kept as its result`,
        exception: new JobResultError(`${reason}: ${hint}`, { cause: error }),
        job,
      });
      return undefined;
    }
  }
}
