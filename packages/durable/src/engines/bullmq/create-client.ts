import type { Cluster, Redis } from 'ioredis';
import type { RedisClusterOptions, RedisConnection } from './redis-options.ts';

export type IoredisModule = Pick<typeof import('ioredis'), 'Redis' | 'Cluster'>;

/** A client of ioredis that has not connected yet. What is used of a cluster's client is the same. */
export function createClient(
  { Redis, Cluster }: IoredisModule,
  connection: string | RedisConnection,
  settings: object,
): Redis {
  if (typeof connection === 'string') return new Redis(connection, settings);
  if (isClient(connection)) {
    if (connection.isCluster !== true) return (connection as Redis).duplicate(settings);
    const given = connection as unknown as Cluster;
    const redisOptions: object = { ...given.options.redisOptions, ...settings };
    const own = given.duplicate([], { ...clusterSettings(settings), redisOptions });
    return own as unknown as Redis;
  }
  if (isCluster(connection)) {
    const { cluster, clusterOptions, ...node } = connection;
    return new Cluster([...cluster], {
      ...clusterOptions,
      ...clusterSettings(settings),
      redisOptions: { ...node, ...settings },
    }) as unknown as Redis;
  }
  return new Redis({ ...connection, ...settings } as object);
}

export function isClient(connection: object): connection is { isCluster?: boolean } {
  return 'duplicate' in connection;
}

export function isCluster(connection: object): connection is RedisClusterOptions {
  // A client has a command of that name.
  return 'cluster' in connection && !isClient(connection);
}

/** A cluster's client has these itself; the others are those of the connections to its nodes. */
function clusterSettings(settings: object): object {
  const { lazyConnect, enableOfflineQueue } = settings as {
    lazyConnect: boolean;
    enableOfflineQueue: boolean;
  };
  return { lazyConnect, enableOfflineQueue };
}
