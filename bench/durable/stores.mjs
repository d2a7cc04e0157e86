// @ts-check
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pgliteBackend, postgresBackend } from '@outlive/durable';
import { tsImport } from 'tsx/esm/api';
import { bullmq } from './bullmq.mjs';
import { pgBoss } from './pg-boss.mjs';

/** @typedef {{ engine: import('./compare.mjs').Engine, close(): Promise<unknown> }} Opened */
/** @typedef {{ url: string, stop(): Promise<void> }} Server */

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
    const server = await serverAt('DATABASE_URL', 'postgres-server', 'PostgresServer');
    const options = { connectionString: server.url, schema: 'outlive_bench' };
    return { engine: pgBoss(postgresBackend(options)), close: () => server.stop() };
  },

  async redis() {
    const server = await serverAt('REDIS_URL', 'redis-server', 'RedisServer');
    return { engine: bullmq(server.url), close: () => server.stop() };
  },
};

/** The one that a variable names, or a new one as the tests start it. @param {string} variable @param {string} file @param {string} type @returns {Promise<Server>} */
async function serverAt(variable, file, type) {
  const url = process.env[variable];
  if (url !== undefined) return { url, stop: async () => {} };
  const { [type]: server } = await tsImport(`@outlive/test-support/${file}`, import.meta.url);
  return server.start();
}
