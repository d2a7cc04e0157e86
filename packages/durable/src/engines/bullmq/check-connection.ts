import { expected } from '@outlive/core/internal';
import { checkUrl } from '../store-address.ts';
import { isClient, isCluster } from './create-client.ts';
import type { RedisClient, RedisClusterOptions, RedisConnection } from './redis-options.ts';

const allowed = 'a redis: URL, options or a client of ioredis, or { cluster: [nodes] }';

/** What options of others are given as here. */
const others: Readonly<Record<string, string>> = {
  url: '`store: redis://…`',
  socket: '`host`, `port` and `tls`',
  keyPrefix: '`prefix` of openJobs() or bullmqBackend()',
};

/** @throws TypeError */
export function checkConnection(connection: unknown): string | RedisConnection {
  if (typeof connection === 'string') return checkUrl('connection', connection, 'redis');
  if (typeof connection !== 'object' || connection === null || Array.isArray(connection)) {
    throw new TypeError(expected('connection', allowed, connection));
  }
  if (isClient(connection)) return checkClient(connection as RedisClient);
  refuseOthers(connection);
  checkDatabase(connection);
  if (isCluster(connection)) return resolveCluster(connection);
  checkSentinels(connection);
  return { ...connection };
}

/** A client of another library may have a `duplicate()` too. */
function checkClient(client: RedisClient): RedisClient {
  const { status, options } = client as { status?: unknown; options?: { keyPrefix?: unknown } };
  if (typeof status !== 'string') throw new TypeError(expected('connection', allowed, client));
  refuseOthers({ keyPrefix: options?.keyPrefix });
  return client;
}

function refuseOthers(options: object): void {
  for (const [name, ours] of Object.entries(others)) {
    const value: unknown = options[name as keyof typeof options];
    if (value === undefined || value === null || value === '') continue;
    throw new TypeError(`\`redis.${name}\` is not taken: give ${ours}`);
  }
}

function checkDatabase(options: { readonly db?: unknown; readonly cluster?: unknown }): void {
  const { db, cluster } = options;
  if (db !== undefined && !(Number.isInteger(db) && Number(db) >= 0)) {
    throw new TypeError(expected('redis.db', 'a whole number from 0', db));
  }
  if (cluster !== undefined && Number(db ?? 0) > 0) throw new TypeError(oneDatabase);
}

const oneDatabase = 'A Redis Cluster has one database alone: give no `db`, and no number in a URL';

function checkSentinels(options: { readonly sentinels?: unknown; readonly name?: unknown }): void {
  const { sentinels, name } = options;
  if (sentinels === undefined || sentinels === null) return;
  if (!Array.isArray(sentinels) || sentinels.length === 0) {
    throw new TypeError(expected('redis.sentinels', 'an array of { host, port }', sentinels));
  }
  if (typeof name === 'string' && name !== '') return;
  throw new TypeError(expected('redis.name', 'the name of the master, as in `mymaster`', name));
}

/** The nodes that are found later know of user, password and TLS by the options alone. */
function resolveCluster(options: RedisClusterOptions): RedisClusterOptions {
  const { cluster } = options;
  if (!Array.isArray(cluster) || cluster.length === 0) throw noNodes(cluster);
  const nodes = cluster.map((node: unknown): Node => {
    if (typeof node === 'string') return fromUrl(checkUrl('cluster', node, 'redis'));
    if (typeof node !== 'object' || node === null) throw noNodes(cluster);
    const { host, port, username, password, tls } = node as Node & Access;
    return { ...node, host, port, access: { username, password, tls } };
  });
  return {
    ...options,
    cluster: nodes.map(({ access: _, ...node }) => node),
    username: options.username ?? first(nodes, 'username'),
    password: options.password ?? first(nodes, 'password'),
    tls: options.tls ?? first(nodes, 'tls'),
  };
}

interface Access {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: object | undefined;
}

interface Node {
  readonly host: string;
  readonly port: number;
  readonly access: Access;
}

function first<K extends keyof Access>(nodes: readonly Node[], name: K): Access[K] {
  return nodes.find(({ access }) => access[name] !== undefined)?.access[name];
}

function noNodes(cluster: unknown): TypeError {
  return new TypeError(
    expected('cluster', 'an array of redis: URLs, or of { host, port }', cluster),
  );
}

function fromUrl(text: string): Node {
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(text);
  if (Number(pathname.slice(1)) > 0 || Number(searchParams.get('db')) > 0) {
    throw new TypeError(oneDatabase);
  }
  return {
    // Without the brackets of an IPv6 address.
    host: hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(port || 6_379),
    access: {
      username: decodeURIComponent(username) || undefined,
      password: decodeURIComponent(password) || undefined,
      tls: protocol === 'rediss:' ? {} : undefined,
    },
  };
}
