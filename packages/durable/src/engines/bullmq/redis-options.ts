/** How to reach a Redis: the options of `ioredis`, for one server or for sentinels (`sentinels`, `name`). */
export interface RedisOptions {
  /** The host. @defaultValue `'localhost'` */
  readonly host?: string | undefined;
  /** The port. @defaultValue `6379` */
  readonly port?: number | undefined;
  /** The user, where Redis has several. @defaultValue Redis's own, `default` */
  readonly username?: string | undefined;
  /** The password. @defaultValue none */
  readonly password?: string | undefined;
  /** The number of the database; a cluster has one alone. @defaultValue `0` */
  readonly db?: number | undefined;
  /** Options of Node's `tls.connect()`. @defaultValue none: no TLS */
  readonly tls?: object | undefined;
  /** Any other option of `ioredis`. */
  readonly [option: string]: unknown;
}

/** How to reach a Redis Cluster: some of its nodes, and the options of `ioredis` for each of them. */
export interface RedisClusterOptions extends RedisOptions {
  /** URLs such as `redis://10.0.0.1:6379`, or hosts and ports. The others are found by these. */
  readonly cluster: readonly (string | { readonly host: string; readonly port: number })[];
  /** Options of the `Cluster` of `ioredis`, such as `natMap` or `dnsLookup`. @defaultValue those of `ioredis` */
  readonly clusterOptions?: object | undefined;
}

/** A `Redis` or `Cluster` of `ioredis`: Outlive makes connections of its own like it, and leaves this one alone. */
export interface RedisClient {
  /** Makes another client like it. */
  duplicate(...args: never[]): unknown;
}

/** All that says how to reach a Redis, but a URL. */
export type RedisConnection = RedisOptions | RedisClusterOptions | RedisClient;
