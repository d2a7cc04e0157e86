import type { CommandResponse, JobWithMetadata } from 'pg-boss' with {
  'resolution-mode': 'import',
};

export type {
  ConstructorOptions,
  Db,
  JobAttempt,
  JobInsert,
  PgBoss,
  QueueOptions,
} from 'pg-boss' with {
  'resolution-mode': 'import',
};

/** A job as pg-boss lends it. */
export type FetchedJob = JobWithMetadata<unknown>;

export type PgBossModule = typeof import('pg-boss', { with: { 'resolution-mode': 'import' } });

/** The answer of `complete`, `fail` and `touch`. The type in pg-boss is empty. */
export interface Settled extends CommandResponse {
  /** How many jobs the statement changed. */
  readonly affected: number;
  /** The ids of these jobs; missing where a job was named by its id alone. */
  readonly settled?: string[] | undefined;
}
