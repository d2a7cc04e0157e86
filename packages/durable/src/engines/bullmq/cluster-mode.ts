import type { Redis } from 'ioredis';

// A node of a cluster redirects who asks for keys of the others (MOVED), and a Redis that is none answers no question of a
// cluster's client: neither says which option is the right one.

/**
 * @param redis - a client that is connected
 * @throws Error for a client of one Redis that is a node of a cluster (rejects)
 */
export async function refuseClusterNode(redis: Redis): Promise<void> {
  if (redis.isCluster) return;
  // Valkey may call it `server_mode`.
  const isNode = /^(?:redis|server)_mode:cluster\s*$/m.test(await redis.info('server'));
  if (!isNode) return;
  const { host = 'host', port = 6_379, tls } = redis.options;
  const url = `${tls ? 'rediss' : 'redis'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  throw new Error(
    `it is a node of a Redis Cluster: give \`redis: { cluster: ['${url}'] }\` (\`connection\` of bullmqBackend())`,
  );
}

/** Why a client has not connected: that of a cluster names what its nodes have answered apart from its own error. */
export function reasonOfClient(error: unknown): unknown {
  const { lastNodeError } = (error ?? {}) as { lastNodeError?: Error };
  if (lastNodeError === undefined) return error;
  if (!/cluster support disabled/i.test(lastNodeError.message)) return lastNodeError;
  return new Error(
    "it is no cluster, but a Redis by itself: give `store: 'redis://host:port'`, or `redis: { host, port }`, without `cluster`",
    { cause: error },
  );
}
