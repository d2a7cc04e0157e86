import type { Group } from '../group.ts';
import type { JobContext } from '../job.ts';
import { JobRecord } from '../job/record.ts';
import { Shield } from '../shield.ts';

/** What a call can come from. */
export type Work = JobRecord | Shield;

/**
 * The jobs and shields that wait for the end of their own pool, and said so by `from`. To wait for them would be to
 * wait for oneself, and for one another.
 */
export class LeftOut {
  readonly #pool: { has(work: Work): boolean };
  /** With the number of calls in which each waits. */
  readonly #calls = new Map<Work, number>();

  constructor(pool: { has(work: Work): boolean }) {
    this.#pool = pool;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Gives what of `from` is to be left out, until `leave()`: not what is of another pool, or has settled. */
  enter(from: readonly JobContext[]): readonly Work[] {
    const own = from.filter(
      (each): each is Work =>
        (each instanceof JobRecord || each instanceof Shield) && this.#pool.has(each),
    );
    for (const work of own) this.#calls.set(work, (this.#calls.get(work) ?? 0) + 1);
    return own;
  }

  leave(entered: readonly Work[]): void {
    for (const work of entered) {
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
    this.#calls.delete(work);
  }

  count(kind: 'all' | 'shields', group: Group | undefined): number {
    let count = 0;
    for (const work of this.#calls.keys()) {
      if (group !== undefined && work.owner !== group) continue;
      if (kind === 'all' || work instanceof Shield) count += 1;
    }
    return count;
  }
}
