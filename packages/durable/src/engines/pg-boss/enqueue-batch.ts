import { type Deferred, deferred } from '@outlive/core/internal';
import type { NewJob } from '../../backend.ts';
import { nextTurn } from '../../util/next-turn.ts';

/** So many statements are under way before further jobs wait, to be stored together. */
const mostUnderWay = 2;

/** Stores jobs of one name, all or none, and gives their ids. */
type Store = (jobs: readonly NewJob[]) => Promise<(string | null)[]>;

interface Waiting {
  readonly job: NewJob;
  readonly stored: Deferred<string | null>;
}

/**
 * Stores jobs that are given one by one, and many at the same time, with few statements. A statement each would be a commit
 * each, and commits that notify wait for one another's flush to the disk
 * (https://www.postgresql.org/docs/current/sql-notify.html).
 *
 * For jobs without a key alone: an INSERT of a key waits for a transaction that has stored it and not ended.
 */
export class EnqueueBatch {
  readonly #store: Store;
  readonly #gathered = new Map<string, Waiting[]>();
  #underWay = 0;
  #isDue = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Resolves to the job's id when it is stored. */
  add(job: NewJob): Promise<string | null> {
    const stored = deferred<string | null>();
    const batch = this.#gathered.get(job.name) ?? [];
    this.#gathered.set(job.name, batch);
    batch.push({ job, stored });
    this.#flushSoon();
    return stored.promise;
  }

  #flushSoon(): void {
    if (this.#isDue || this.#gathered.size === 0 || this.#underWay >= mostUnderWay) return;
    this.#isDue = true;
    nextTurn(() => {
      this.#isDue = false;
      for (const [name, batch] of this.#gathered) {
        if (this.#underWay >= mostUnderWay) return;
        this.#gathered.delete(name);
        void this.#flush(batch);
      }
    });
  }

  async #flush(batch: readonly Waiting[]): Promise<void> {
    this.#underWay += 1;
    try {
      await this.#storeAll(batch);
    } finally {
      this.#underWay -= 1;
      this.#flushSoon();
    }
  }

  async #storeAll(batch: readonly Waiting[]): Promise<void> {
    try {
      const ids = await this.#store(batch.map(({ job }) => job));
      for (const [index, { stored }] of batch.entries()) stored.resolve(ids[index] ?? null);
    } catch (error) {
      // What the database refuses is one of them: the others must not pay for it.
      const one = batch.length > 1 && isRefusal(error);
      if (one) await Promise.all(batch.map(async (waiting) => this.#storeAll([waiting])));
      else for (const { stored } of batch) stored.reject(error);
    }
  }
}

/** Whether the database has answered that it does not take the statement: then it has stored nothing of it. */
function isRefusal(error: unknown): boolean {
  return typeof (error as { readonly severity?: unknown } | undefined)?.severity === 'string';
}
