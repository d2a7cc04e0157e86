import { loadEngine } from '../load-engine.ts';

/** The part of ioredis that is used. */
export interface Redis {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  connect(): Promise<void>;
  disconnect(): void;
  info(): Promise<string>;
  client(subcommand: 'ID'): Promise<number>;
  client(subcommand: 'UNBLOCK', id: number): Promise<unknown>;
  /** Waits until one of the sorted sets has a member, so many seconds. */
  bzpopmin(keys: string[], seconds: number): Promise<[string, string, string] | null>;
  zadd(key: string, score: number, member: string): Promise<unknown>;
}

interface RedisModule {
  Redis: {
    new (options: object): Redis;
    new (url: string, options: object): Redis;
  };
}

/** Where Redis is: the options of `ioredis`, for one server or for sentinels. */
export interface RedisOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly db?: number | undefined;
  readonly tls?: object | undefined;
  readonly [option: string]: unknown;
}

export async function loadRedis(): Promise<RedisModule> {
  return loadEngine<RedisModule>(
    'ioredis',
    '>=5.11.0 <7',
    async () => import('ioredis'),
    'Redis', // which the versions before 5 lack
  );
}

/**
 * A connection that is there, and fails instead of hanging: a command is refused at once while there is no
 * connection, rejects when it breaks, and after `timeout` without an answer. None is sent twice: a claim
 * whose answer was lost must not take a second job.
 *
 * @param blocking - for commands that wait so many ms by themselves
 */
export async function connectRedis(
  { Redis }: RedisModule,
  connection: string | RedisOptions,
  timeout: number,
  onError: (error: unknown) => void,
  blocking = 0,
): Promise<Redis> {
  const settings = {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeout,
    // A connection that fell silent is given up for a new one.
    socketTimeout: timeout + blocking,
    ...(blocking === 0 && { commandTimeout: timeout }),
    // What does not answer must not hold the process.
    disconnectTimeout: 500,
  };
  const redis =
    typeof connection === 'string'
      ? new Redis(connection, settings)
      : new Redis({ ...connection, ...settings });
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
      new Promise((_, reject) => {
        const late = new Error(`Redis did not answer within ${2 * timeout} ms`);
        timer = setTimeout(reject, 2 * timeout, late);
      }),
    ]);
    opened = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw reason ?? error;
  } finally {
    clearTimeout(timer);
  }
}
