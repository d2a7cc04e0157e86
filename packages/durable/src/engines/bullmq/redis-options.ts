/** How to reach a Redis: the options of `ioredis`, for one server or for sentinels. */
export interface RedisOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly db?: number | undefined;
  readonly tls?: object | undefined;
  readonly [option: string]: unknown;
}
