import { expected } from '@outlive/core/internal';
import { checkUrl } from '../store-address.ts';
import { resolveCluster } from './cluster-nodes.ts';
import { isClient, isCluster } from './create-client.ts';
import type { RedisConnection } from './redis-options.ts';

/**
 * What other clients of Redis call an option: ioredis would not look at it, and be somewhere else. And its own that BullMQ
 * does not take.
 */
const misnomers: Readonly<Record<string, string>> = {
  url: 'store',
  uri: 'store',
  socket: 'host',
  hostname: 'host',
  database: 'db',
  user: 'username',
  pass: 'password',
  keyPrefix: 'prefix',
  ssl: 'tls',
};

/**
 * How to reach a Redis.
 *
 * @throws TypeError
 */
export function checkConnection(connection: unknown): string | RedisConnection {
  if (typeof connection === 'string') {
    const url = checkUrl('connection', connection, 'redis');
    refuseMisnomers('A redis: URL', new URL(url).searchParams.keys());
    return url;
  }
  if (typeof connection !== 'object' || connection === null || Array.isArray(connection)) {
    const allowed = 'a redis: URL, options or a client of ioredis, or { cluster: [nodes] }';
    throw new TypeError(expected('connection', allowed, connection));
  }
  if (isClient(connection)) {
    // A client of another library has none.
    if (typeof (connection as { status?: unknown }).status === 'string') return connection;
    throw new TypeError(expected('connection', 'a client of ioredis', connection));
  }
  refuseMisnomers('`redis`', Object.keys(connection));
  const { db } = connection as { readonly db?: unknown };
  if (db !== undefined && !(Number.isInteger(db) && Number(db) >= 0)) {
    throw new TypeError(expected('redis.db', 'a whole number from 0', db));
  }
  if (isCluster(connection)) return resolveCluster(connection);
  checkSentinels(connection);
  return { ...connection };
}

function refuseMisnomers(place: string, names: Iterable<string>): void {
  for (const name of names) {
    if (!Object.hasOwn(misnomers, name)) continue;
    throw new TypeError(`${place} has no option \`${name}\`. Did you mean \`${misnomers[name]}\`?`);
  }
}

function checkSentinels(options: { readonly sentinels?: unknown; readonly name?: unknown }): void {
  const { sentinels, name } = options;
  if (sentinels === undefined || sentinels === null) return;
  if (!Array.isArray(sentinels) || sentinels.length === 0) {
    throw new TypeError(expected('redis.sentinels', 'an array of { host, port }', sentinels));
  }
  if (typeof name === 'string' && name !== '') return;
  throw new TypeError(expected('redis.name', 'the name of the master', name));
}
