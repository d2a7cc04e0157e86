import { describePgBoss } from './engines.ts';
import { PostgresServer } from './postgres-server.ts';
import { describeRedis, RedisServer } from './redis-server.ts';

/** A store for several processes. */
export interface Server {
  readonly url: string;
  readonly port: number;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Promises that every store for several processes keeps. */
export function describeStores(title: string, body: (start: () => Promise<Server>) => void): void {
  describePgBoss(`${title}: PostgreSQL`, () => body(async () => PostgresServer.start()));
  describeRedis(`${title}: Redis`, () => body(async () => RedisServer.start()));
}
