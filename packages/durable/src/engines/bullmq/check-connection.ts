import { expected } from '@outlive/core/internal';
import { checkUrl } from '../store-address.ts';
import { isClient, isCluster } from './create-client.ts';
import type { RedisConnection } from './redis-options.ts';

/** What other clients of Redis call an option: ioredis would not look at it, and be somewhere else. */
const misnomers: Readonly<Record<string, string>> = {
  url: 'store',
  uri: 'store',
  socket: 'host',
  hostname: 'host',
  database: 'db',
  user: 'username',
  pass: 'password',
};

/**
 * How to reach a Redis.
 *
 * @throws TypeError
 */
export function checkConnection(connection: unknown): string | RedisConnection {
  if (typeof connection === 'string') return checkUrl('connection', connection, 'redis');
  if (typeof connection !== 'object' || connection === null || Array.isArray(connection)) {
    const allowed = 'a redis: URL, options or a client of ioredis, or { cluster: [nodes] }';
    throw new TypeError(expected('connection', allowed, connection));
  }
  if (isClient(connection)) {
    // A client of another library has none.
    if (typeof (connection as { status?: unknown }).status === 'string') return connection;
    throw new TypeError(expected('connection', 'a client of ioredis', connection));
  }
  const wrong = Object.keys(connection).find((name) => Object.hasOwn(misnomers, name));
  if (wrong !== undefined) {
    throw new TypeError(
      `\`redis\` has no option \`${wrong}\`. Did you mean \`${misnomers[wrong]}\`?`,
    );
  }
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
