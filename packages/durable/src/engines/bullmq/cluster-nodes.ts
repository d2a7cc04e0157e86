import { expected } from '@outlive/core/internal';
import { checkUrl } from '../store-address.ts';
import type { RedisClusterOptions } from './redis-options.ts';

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

/**
 * The nodes of a cluster as ioredis takes them. Those that it finds later know of user, password and TLS by the options
 * alone.
 *
 * @throws TypeError
 */
export function resolveCluster(options: RedisClusterOptions): RedisClusterOptions {
  const { cluster } = options;
  if (!Array.isArray(cluster) || cluster.length === 0) throw noNodes(cluster);
  if ((options.db ?? 0) > 0) throw oneDatabase();
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

function first<K extends keyof Access>(nodes: readonly Node[], name: K): Access[K] {
  return nodes.find(({ access }) => access[name] !== undefined)?.access[name];
}

function fromUrl(text: string): Node {
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(text);
  if (Number(pathname.slice(1)) > 0 || Number(searchParams.get('db')) > 0) throw oneDatabase();
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

function noNodes(cluster: unknown): TypeError {
  return new TypeError(
    expected('cluster', 'an array of redis: URLs, or of { host, port }', cluster),
  );
}

function oneDatabase(): TypeError {
  return new TypeError(
    'A Redis Cluster has one database alone: give no `db`, and no number in a URL',
  );
}
