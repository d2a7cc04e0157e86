import { checkOptions, expected } from '@outlive/core/internal';
import type { JobBackend } from '../../backend.ts';
import { BullmqStore } from './store.ts';
import { checkWithin } from '../../util/check-within.ts';
import { checkConnection } from './check-connection.ts';
import { isClient, isCluster } from './create-client.ts';
import { nameOfConnection } from './connection-name.ts';
import type { RedisConnection } from './redis-options.ts';

/** In ms: an hour. */
const longestTimeout = 60 * 60 * 1_000;

/** Options of {@link bullmqBackend}. */
export interface BullmqBackendOptions {
  /**
   * A URL such as `redis://user:password@host:6379/0`; options of `ioredis`, for sentinels too; `{ cluster: [nodes] }`; or
   * a `Redis` or `Cluster` of `ioredis`, of which connections of its own are made.
   */
  readonly connection: string | RedisConnection;
  /**
   * The beginning of all keys in Redis. In a cluster it is put in braces: all jobs of one prefix are on one node.
   * @defaultValue `'outlive'`
   */
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
    description: nameOfConnection(access),
    prefix: isClusterLike(access) ? inOneSlot(prefix) : prefix,
    timeout: commandTimeout,
  });
}

function isClusterLike(connection: string | RedisConnection): boolean {
  if (typeof connection === 'string') return false;
  return isCluster(connection) || (isClient(connection) && connection.isCluster === true);
}

/** Keys with the same text in braces are on the same node (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
function inOneSlot(prefix: string): string {
  return /\{.+\}/.test(prefix) ? prefix : `{${prefix}}`;
}
