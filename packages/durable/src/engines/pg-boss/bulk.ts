import { newJobId } from '../../new-job-id.ts';
import type { NewJob, Transaction } from '../../backend.ts';
import type { Connection } from './connection.ts';
import { inserting } from './inserting.ts';
import { type MarkedTransaction, markTransaction } from './marked-transaction.ts';
import { takeWindows } from './windows.ts';
import type { JobInsert, PgBoss } from './types.ts';

/** Most jobs of one statement, and most characters of their payloads: what a statement waits for its whole text. */
const mostJobs = 2_000;
const mostCharacters = 4_000_000;

/** The column `data` of our jobs: pg-boss takes objects alone. */
export interface Stored {
  readonly payload: unknown;
  readonly headers?: unknown;
}

export function dataOf({ payload, headers }: NewJob): Stored {
  return headers === undefined ? { payload } : { payload, headers };
}

/** A job as pg-boss takes it. */
export interface Insert extends JobInsert<Stored> {
  readonly id: string;
  readonly data: Stored;
  readonly singletonKey?: string;
}

export function insertOf(job: NewJob): Insert {
  const { key, window, group, delay = 0, priority = 0 } = job;
  const id = newJobId();
  return {
    id,
    data: dataOf(job),
    ...(key !== undefined && window === undefined && { singletonKey: key }),
    ...(group !== undefined && { group: { id: group } }),
    ...(priority !== 0 && { priority }),
    // A string of digits is an interval in seconds; fractions are allowed there.
    ...(delay > 0 && { startAfter: String(delay / 1_000) }),
  };
}

/** Stores all jobs or none, with few statements. */
export async function insertMany(
  connection: Connection,
  jobs: readonly NewJob[],
  tx: Transaction | undefined,
): Promise<(string | null)[]> {
  const { boss } = connection;
  const inserts = jobs.map(insertOf);
  const insert = async (own: MarkedTransaction | undefined): Promise<Set<string>> => {
    const isOpen = await takeWindows(connection, jobs, own);
    const open = inserts.filter((_, index) => isOpen[index]);
    // In the order of their keys, so that no two transactions wait for each other for ever; of one key the first stays first.
    return insertChunks(boss, jobs[0]?.name ?? '', chunksOf(open.toSorted(byKey)), own);
  };
  const isOne = jobs.length <= mostJobs && jobs.every(({ window }) => window === undefined);
  // One statement needs no transaction, if the payloads are not too large for one.
  const insertIn = async (own: Transaction): Promise<Set<string>> =>
    insert(await markTransaction(own));
  let stored: Set<string>;
  if (tx !== undefined) stored = await insertIn(tx);
  else if (isOne && chunksOf(inserts).length === 1) stored = await insert(undefined);
  else stored = await connection.ownTransaction(insertIn);
  return inserts.map(({ id }) => (stored.has(id) ? id : null));
}

/** The ids of the jobs that are stored: a key that is taken leaves a job out. */
async function insertChunks(
  boss: PgBoss,
  name: string,
  chunks: readonly Insert[][],
  tx: MarkedTransaction | undefined,
): Promise<Set<string>> {
  const stored = new Set<string>();
  for (const chunk of chunks) {
    const ids = await boss.insert(name, chunk, { returnId: true, ...inserting(boss, tx) });
    for (const id of ids ?? []) stored.add(id);
  }
  return stored;
}

function chunksOf(inserts: readonly Insert[]): Insert[][] {
  const chunks: Insert[][] = [];
  let chunk: Insert[] = [];
  let characters = 0;
  for (const insert of inserts) {
    const length = JSON.stringify(insert.data).length;
    if (chunk.length === mostJobs || (chunk.length > 0 && characters + length > mostCharacters)) {
      chunks.push(chunk);
      chunk = [];
      characters = 0;
    }
    chunk.push(insert);
    characters += length;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

function byKey({ singletonKey: one = '' }: Insert, { singletonKey: other = '' }: Insert): number {
  return Number(one > other) - Number(one < other);
}
