import { checkOptions, expected } from '@outlive/core/internal';
import type { JobBackend } from '../../backend.ts';
import { BullmqStore } from './store.ts';
import { checkWithin } from '../../job-definition-options.ts';
import type { RedisOptions } from './redis.ts';

const longestTimeout = 60 * 60 * 1_000;

/** Options of {@link bullmqBackend}. */
export interface BullmqBackendOptions {
  /** A URL as `redis://user:password@host:6379/0`, or options of `ioredis`. No cluster. */
  readonly connection: string | RedisOptions;
  /** What the keys in Redis begin with. @defaultValue `'outlive'` */
  readonly prefix?: string | undefined;
  /** Time in ms that connecting, or one command, may take: what bounds `spawn()` when Redis hangs. @defaultValue `10_000` */
  readonly commandTimeout?: number | undefined;
}

/**
 * Durable jobs in Redis 6.2 or newer (or Valkey), by BullMQ: any number of processes, two connections
 * each. Install `bullmq` and `ioredis`; runs on every Node that Outlive runs on.
 *
 * Redis has to write what it is told to its disk (`appendonly yes`), or a restart loses jobs, and must not
 * throw keys away (`maxmemory-policy noeviction`). It has no transactions with your database: no `tx`, no
 * outbox.
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
  } = checkOptions<BullmqBackendOptions>('options', options);
  checkConnection(connection);
  if (typeof prefix !== 'string' || prefix === '') {
    throw new TypeError(expected('prefix', 'characters', prefix));
  }
  checkWithin('commandTimeout', commandTimeout, 1, longestTimeout, 'milliseconds');
  return new BullmqStore(
    typeof connection === 'string' ? connection : { ...connection },
    prefix,
    commandTimeout,
  );
}

function checkConnection(connection: unknown): void {
  // An unset variable of the environment must not end at a Redis somewhere else.
  const isUrl = typeof connection === 'string' && /^rediss?:\/\//.test(connection);
  const isObject = typeof connection === 'object' && connection !== null;
  // Not a connection itself: it would have to be set up otherwise, and to be closed by whoever made it.
  if (isUrl || (isObject && !('duplicate' in connection))) return;
  throw new TypeError(expected('connection', 'a redis: URL or options of ioredis', connection));
}
