import { checkOptions, expected } from '@outlive/core/internal';
import type { JobBackend } from '../../backend.ts';
import { checkUrl } from '../store-address.ts';
import { BullmqStore } from './store.ts';
import { checkWithin } from '../../util/check-within.ts';
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

function checkConnection(connection: unknown): string | RedisConnection {
  if (typeof connection === 'string') return checkUrl('connection', connection, 'redis');
  if (typeof connection !== 'object' || connection === null || Array.isArray(connection)) {
    const allowed = 'a redis: URL, options or a client of ioredis, or { cluster: [nodes] }';
    throw new TypeError(expected('connection', allowed, connection));
  }
  if (isClient(connection)) return connection;
  if (isCluster(connection)) checkNodes(connection.cluster);
  const { db } = connection as { readonly db?: unknown };
  if (db !== undefined && !(Number.isInteger(db) && Number(db) >= 0)) {
    throw new TypeError(expected('redis.db', 'a whole number from 0', db));
  }
  return { ...connection };
}

function checkNodes(nodes: unknown): void {
  if (Array.isArray(nodes) && nodes.length > 0 && nodes.every(isNode)) return;
  throw new TypeError(expected('cluster', 'an array of redis: URLs, or of { host, port }', nodes));
}

function isNode(node: unknown): boolean {
  if (typeof node === 'string') return checkUrl('cluster', node, 'redis') !== '';
  return typeof node === 'object' && node !== null;
}

function isClusterLike(connection: string | RedisConnection): boolean {
  if (typeof connection === 'string') return false;
  return isCluster(connection) || (isClient(connection) && connection.isCluster === true);
}

/** Keys with the same text in braces are on the same node (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
function inOneSlot(prefix: string): string {
  return /\{.+\}/.test(prefix) ? prefix : `{${prefix}}`;
}
