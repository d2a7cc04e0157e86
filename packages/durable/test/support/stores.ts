import { PostgresServer } from '@outlive/test-support/postgres-server';
import { describeRedis, RedisServer } from '@outlive/test-support/redis-server';
import { describePgBoss } from './engines.ts';

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
