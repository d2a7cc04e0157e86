import type { NewJob } from '../../backend.ts';
import { TurnBatch } from './turn-batch.ts';

/** So many statements are under way before further jobs wait, to be stored together. */
const mostUnderWay = 2;

/** Stores jobs of one name, all or none, and gives their ids. */
type Store = (jobs: readonly NewJob[]) => Promise<(string | null)[]>;

/**
 * Stores jobs that are given one by one, and many at the same time, with few statements. A statement each would be a commit
 * each, and commits that notify wait for one another's flush to the disk
 * (https://www.postgresql.org/docs/current/sql-notify.html).
 *
 * For jobs without a key alone: an INSERT of a key waits for a transaction that has stored it and not ended.
 */
export function enqueueBatch(store: Store): TurnBatch<NewJob, string | null> {
  const storeEach = async (_name: string, jobs: readonly NewJob[]) => {
    try {
      return await store(jobs);
    } catch (error) {
      if (jobs.length === 1 || !isRefusal(error)) throw error;
      // What the database refuses is one of them: the others must not pay for it.
      const each = jobs.map(async (job) => (await store([job]))[0] ?? null);
      await Promise.allSettled(each);
      return each;
    }
  };
  return new TurnBatch(storeEach, mostUnderWay);
}

/** Whether the database has answered that it does not take the statement: then it has stored nothing of it. */
function isRefusal(error: unknown): boolean {
  return typeof (error as { readonly severity?: unknown } | undefined)?.severity === 'string';
}
