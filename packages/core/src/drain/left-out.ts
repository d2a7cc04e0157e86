import type { Group } from '../group.ts';
import { JobRecord } from '../job/record.ts';
import type { Shield } from '../shield.ts';

/** What a call can come from. */
export type Work = JobRecord | Shield;

/**
 * The jobs and shields that wait for the end of their own pool, and said so by `from`. To wait for them would be to
 * wait for oneself, and for one another.
 */
export class LeftOut {
  /** With the number of calls in which each waits. */
  readonly #calls = new Map<Work, number>();

  enter(from: readonly Work[]): void {
    for (const work of from) this.#calls.set(work, (this.#calls.get(work) ?? 0) + 1);
  }

  leave(from: readonly Work[]): void {
    for (const work of from) {
      const calls = this.#calls.get(work);
      if (calls === undefined) continue;
      if (calls > 1) this.#calls.set(work, calls - 1);
      else this.#calls.delete(work);
    }
  }

  has(work: Work): boolean {
    return this.#calls.has(work);
  }

  /** The work has ended, whatever it was waiting for. */
  ended(work: Work): void {
    if (this.#calls.size > 0) this.#calls.delete(work);
  }

  count(kind: 'all' | 'shields', group: Group | undefined): number {
    let count = 0;
    for (const work of this.#calls.keys()) {
      if (group !== undefined && work.owner !== group) continue;
      if (kind === 'all' || !(work instanceof JobRecord)) count += 1;
    }
    return count;
  }
}
