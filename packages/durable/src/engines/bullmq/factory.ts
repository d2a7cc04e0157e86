import { checkOptions, expected } from '@outlive/core/internal';
import type { JobBackend } from '../../backend.ts';
import { checkUrl, nameOfUrl } from '../store-address.ts';
import { BullmqStore } from './store.ts';
import { checkWithin } from '../../util/check-within.ts';
import type { RedisOptions } from './redis-options.ts';

/** In ms: an hour. */
const longestTimeout = 60 * 60 * 1_000;

/** Options of {@link bullmqBackend}. */
export interface BullmqBackendOptions {
  /** A URL such as `redis://user:password@host:6379/0`, or options of `ioredis`. No cluster. */
  readonly connection: string | RedisOptions;
  /** The beginning of all keys in Redis. @defaultValue `'outlive'` */
  readonly prefix?: string | undefined;
  /**
   * Time in ms that connecting, or one command, may take: the limit of `spawn()` when Redis hangs. At most an
   * hour.
   * @defaultValue `10_000`
   */
  readonly commandTimeout?: number | undefined;
}

/**
 * Durable jobs in Redis 6.2 or newer (or Valkey), by BullMQ: for any number of processes, two connections
 * each. The backend behind `store: 'redis://…'`. Install `bullmq` and `ioredis`; runs on every Node that
 * Outlive runs on.
 *
 * Redis has to keep an append-only file (`appendonly yes`), or a restart loses jobs, and must not evict
 * keys (`maxmemory-policy noeviction`). It has no transactions with your database: no `tx`, no outbox.
 *
 * Each job name is a queue of BullMQ. `native` is `{ queues, redis }`: the `Queue` of each name, for a
 * dashboard, and the `ioredis` connection.
 *
 * @throws TypeError or RangeError for a bad option
 * @example
 * ```ts
 * import { bullmqBackend } from '@outlive/durable';
 *
 * const backend = bullmqBackend({
 *   connection: process.env['REDIS_URL'] ?? 'redis://localhost:6379',
 *   prefix: 'shop',
 * });
 * ```
 */
export function bullmqBackend(options: BullmqBackendOptions): JobBackend {
  const {
    connection,
    prefix = 'outlive',
    commandTimeout = 10_000,
  } = checkOptions<BullmqBackendOptions>('options', options, {
    connection: true,
    prefix: true,
    commandTimeout: true,
  });
  const access = checkConnection(connection);
  if (typeof prefix !== 'string' || prefix === '') {
    throw new TypeError(expected('prefix', 'characters', prefix));
  }
  checkWithin('commandTimeout', commandTimeout, 1, longestTimeout, 'milliseconds');
  return new BullmqStore({
    connection: access,
    description: typeof access === 'string' ? nameOfUrl(access) : nameOfOptions(access),
    prefix,
    timeout: commandTimeout,
  });
}

function checkConnection(connection: unknown): string | RedisOptions {
  if (typeof connection === 'string') return checkUrl('connection', connection, 'redis');
  const isObject = typeof connection === 'object' && connection !== null;
  // No client of ioredis: it would need other settings, and its maker would have to close it.
  if (isObject && !('duplicate' in connection)) return { ...connection };
  throw new TypeError(expected('connection', 'a redis: URL or options of ioredis', connection));
}

function nameOfOptions(options: RedisOptions): string {
  const {
    host = 'localhost',
    port = 6379,
    path,
    db = 0,
  } = options as {
    host?: string;
    port?: number | string;
    path?: string;
    db?: number;
  };
  return `redis://${path ?? `${host}:${port}`}/${db}`;
}
