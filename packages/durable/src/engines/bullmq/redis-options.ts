/** How to reach a Redis: the options of `ioredis`, for one server or for sentinels (`sentinels`, `name`). */
export interface RedisOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly db?: number | undefined;
  readonly tls?: object | undefined;
  readonly [option: string]: unknown;
}

/** How to reach a Redis Cluster: some of its nodes, and the options of `ioredis` for each of them. */
export interface RedisClusterOptions extends RedisOptions {
  /** URLs such as `redis://10.0.0.1:6379`, or hosts and ports. The others are found by these. */
  readonly cluster: readonly (string | { readonly host: string; readonly port: number })[];
  /** Options of the `Cluster` of `ioredis`, such as `natMap` or `dnsLookup`. */
  readonly clusterOptions?: object | undefined;
}

/** A `Redis` or `Cluster` of `ioredis`: Outlive makes connections of its own like it, and leaves this one alone. */
export interface RedisClient {
  duplicate(...args: never[]): unknown;
}

/** All that says how to reach a Redis, but a URL. */
export type RedisConnection = RedisOptions | RedisClusterOptions | RedisClient;
