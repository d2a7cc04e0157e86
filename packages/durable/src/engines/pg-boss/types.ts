import { loadEngine } from '../load-engine.ts';

// The part of pg-boss that is used. Spelled out, since our own types must not need an optional peer.

export interface PgBoss {
  start(): Promise<unknown>;
  stop(options: { graceful: boolean; close: boolean }): Promise<void>;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  createQueue(name: string, options: QueueOptions & { policy: string }): Promise<void>;
  updateQueue(name: string, options: QueueOptions): Promise<void>;
  getQueue(name: string): Promise<{ policy?: string | undefined } | null>;
  send(name: string, data: object, options: SendOptions): Promise<string | null>;
  fetch(name: string, options: { batchSize: number }): Promise<FetchedJob[]>;
  complete(name: string, attempts: Attempt[]): Promise<Settled>;
  fail(name: string, attempts: Attempt[], output: object): Promise<Settled>;
  touch(name: string, attempts: Attempt[]): Promise<Settled>;
  getDb(): BossDatabase;
}

export interface QueueOptions {
  retryLimit: number;
  retryDelay: number;
  retryBackoff: boolean;
  heartbeatSeconds: number;
  expireInSeconds: number;
  retentionSeconds: number;
  notify: boolean;
}

interface SendOptions {
  id: string;
  singletonKey: string;
  priority: number;
  startAfter?: string;
  db?: { executeSql: BossDatabase['executeSql'] };
}

/** Names one claim of a job: every claim but that of a job handed back counts `retryCount` up. */
export interface Attempt {
  readonly id: string;
  readonly retryCount: number;
}

interface FetchedJob extends Attempt {
  readonly data: object | null;
}

/** pg-boss answers with this, though its types do not say so. */
interface Settled {
  readonly affected: number;
  readonly settled?: string[] | undefined;
}

export interface BossDatabase {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  listen?(
    channel: string,
    onNotification: (payload: string) => void,
    onReconnect: () => void,
  ): Promise<{ close(): Promise<void> }>;
  beginTransaction?(): Promise<{
    db: BossDatabase;
    commit(): Promise<void>;
    rollback(): Promise<void>;
  }>;
}

export interface PgBossModule {
  PgBoss: new (options: object) => PgBoss;
  fromPglite(pglite: object): BossDatabase;
}

/** The versions whose tables and statements `pg-boss-sql.ts` knows. */
const pgBossRange = '>=12.38.0 <13';

export async function loadPgBoss(): Promise<PgBossModule> {
  return loadEngine<PgBossModule>(
    'pg-boss',
    pgBossRange,
    async () => import('pg-boss'),
    'fromPglite', // which the old versions lack that npm picks for an old Node
  );
}
