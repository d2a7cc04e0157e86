import type { Redis } from 'ioredis';
import { loadEngine } from '../load-engine.ts';
import { reasonOfClient, refuseClusterNode } from './cluster-mode.ts';
import { createClient, type IoredisModule } from './create-client.ts';
import type { RedisConnection } from './redis-options.ts';

export type { Redis };

/** How this process talks to Redis. */
export interface RedisAccess {
  readonly connection: string | RedisConnection;
  /** Time in ms that connecting, or one command, may take. */
  readonly timeout: number;
  /** Receives what happens to a connection once it is open. */
  readonly onError: (error: unknown) => void;
}

/**
 * Connects, and fails instead of hanging: a command is refused at once while there is no connection,
 * rejects when that breaks, and after `timeout` without an answer. No command is sent twice: a claim whose
 * answer was lost must not take a second job.
 *
 * @param blocking - longest time in ms that the commands of this connection wait for by themselves
 */
export async function connectRedis(
  { connection, timeout, onError }: RedisAccess,
  blocking = 0,
): Promise<Redis> {
  const ioredis = await loadIoredis();
  const settings = {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeout,
    // A silent connection is given up for a new one.
    socketTimeout: timeout + blocking,
    ...(blocking === 0 && { commandTimeout: timeout }),
    // A server that does not answer must not hold the process.
    disconnectTimeout: 500,
    // After a failover this may be the connection to the former master.
    reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
  };
  const redis = createClient(ioredis, connection, settings);
  let reason: unknown;
  let opened = false;
  redis.on('error', (error) => {
    if (opened) onError(error);
    else reason = error;
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      redis.connect(),
      // Of a cluster that is ready at a second try only, `connect()` never settles.
      new Promise((resolve) => {
        redis.once('ready', resolve);
      }),
      new Promise((_, reject) => {
        const late = new Error(`Redis did not answer within ${2 * timeout} ms`);
        timer = setTimeout(reject, 2 * timeout, late);
      }),
    ]);
    // It is connected: what was wrong before, or with the database, is said again, or is no more.
    reason = undefined;
    await refuseClusterNode(redis);
    // By itself ioredis goes on with database 0 where this one does not exist.
    if ((redis.options.db ?? 0) > 0) await redis.select(redis.options.db ?? 0);
    opened = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw reasonOfClient(reason ?? error);
  } finally {
    clearTimeout(timer);
  }
}

async function loadIoredis(): Promise<IoredisModule> {
  // The versions before 5 do not export it.
  return loadEngine('ioredis', '>=5.11.0 <7', async () => import('ioredis'), 'Redis');
}
