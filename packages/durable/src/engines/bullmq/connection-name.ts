import { nameOfUrl } from '../store-address.ts';
import { isClient, isCluster } from './create-client.ts';
import type { RedisConnection } from './redis-options.ts';

interface Place {
  readonly host?: string;
  readonly port?: number | string;
  readonly path?: string | null;
  readonly db?: number;
  readonly name?: string;
  readonly sentinels?: readonly Place[] | null;
}

/** What to call a Redis in messages: without user and password. */
export function nameOfConnection(connection: string | RedisConnection): string {
  if (typeof connection === 'string') return nameOfUrl(connection);
  if (isCluster(connection)) {
    const nodes = connection.cluster.map((node) =>
      typeof node === 'string' ? nameOfUrl(node).replace(/^\w+:\/\//, '') : hostOf(node),
    );
    return `the Redis Cluster of ${nodes.join(', ')}`;
  }
  const isOther = isClient(connection);
  if (isOther && connection.isCluster === true) return 'the Redis Cluster';
  const place = (isOther ? (connection as { options?: Place }).options : connection) as Place;
  const { sentinels, name = 'mymaster', path, db = 0 } = place ?? {};
  if (sentinels) return `redis://${name} by the sentinels ${sentinels.map(hostOf).join(', ')}`;
  return `redis://${path ?? hostOf(place ?? {})}/${db}`;
}

function hostOf({ host = 'localhost', port = 6379 }: Place): string {
  return `${host}:${port}`;
}
