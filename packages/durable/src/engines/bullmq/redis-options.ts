/** How to reach a Redis: the options of `ioredis`, for one server or for sentinels. */
export interface RedisOptions {
  /** Name or address of the server. @defaultValue `localhost` */
  readonly host?: string | undefined;
  /** Of the server. @defaultValue `6379` */
  readonly port?: number | undefined;
  /** Of an ACL user. @defaultValue none */
  readonly username?: string | undefined;
  /** Never part of a message. @defaultValue none */
  readonly password?: string | undefined;
  /** Number of the database. @defaultValue `0` */
  readonly db?: number | undefined;
  /** Options of `tls.connect()`; `{}` for TLS with the defaults. @defaultValue none */
  readonly tls?: object | undefined;
  /** Any other option of `ioredis`. */
  readonly [option: string]: unknown;
}
