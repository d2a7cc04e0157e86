// @ts-check
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tsImport } from 'tsx/esm/api';

/** A store to measure: a URL, or for PGlite a directory for those of the contestants. @typedef {{ place: string, close(): Promise<unknown> }} Opened */
/** @typedef {{ url: string, restart(...settings: string[]): Promise<void>, stop(): Promise<void> }} Server */

/** @type {Record<import('./queue.mjs').StoreKind, () => Promise<Opened>>} */
export const stores = {
  async pglite() {
    const place = await mkdtemp(join(tmpdir(), 'outlive-bench-'));
    return { place, close: () => rm(place, { recursive: true, force: true }) };
  },

  async postgresql() {
    const given = process.env['DATABASE_URL'];
    if (given !== undefined) return { place: given, close: async () => {} };
    const server = await start('postgres-server', 'PostgresServer');
    // For 16 processes of each contestant.
    await server.restart('max_connections=300', 'shared_buffers=256MB');
    return { place: server.url, close: () => server.stop() };
  },

  async redis() {
    const given = process.env['REDIS_URL'];
    if (given !== undefined) return { place: given, close: async () => {} };
    const server = await start('redis-server', 'RedisServer');
    return { place: server.url, close: () => server.stop() };
  },
};

/** As the tests start one. @param {string} file @param {string} type @returns {Promise<Server>} */
async function start(file, type) {
  const { [type]: server } = await tsImport(`@outlive/test-support/${file}`, import.meta.url);
  return server.start();
}
