// @ts-check
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { resolve } = createRequire(new URL('../package.json', import.meta.url));

/** Names as tables print them, and the packages behind them. */
const packages = {
  outlive: '@outlive/core',
  fastq: 'fastq',
  'p-limit': 'p-limit',
  'p-queue': 'p-queue',
  async: 'async',
  bottleneck: 'bottleneck',
  'promise-pool': '@supercharge/promise-pool',
};

/** What the shape of our API costs at least, without any guarantee, and with an async context for each job. */
export const models = ['model-api', 'model-context'];

export const allPeers = ['fastq', 'p-limit', 'p-queue', 'async', 'bottleneck', 'promise-pool'];

/**
 * @param {string} workload
 * @param {readonly string[]} names
 * @param {{ count: number, [key: string]: unknown }} argument
 * @returns {Record<string, import('./interleave.mjs').Contestant>}
 */
export function contestants(workload, names, argument) {
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        module: new URL(`../contestants/${name}.mjs`, import.meta.url).href,
        workload,
        argument: slow.includes(name) ? few(argument) : argument,
      },
    ]),
  );
}

const slow = ['bottleneck', 'promise-pool'];

// Half a millisecond of CPU time for a job of one, and five of waiting, and thirty microseconds of the other: with
// as many as the others, all would wait for them.
/** @param {{ count: number, [key: string]: unknown }} argument */
function few(argument) {
  return { ...argument, count: Math.max(20, Math.ceil(argument.count / 1_000)), bursts: 1 };
}

/** Which versions compete. @returns {Record<string, string>} */
export function versions() {
  return Object.fromEntries(Object.entries(packages).map(([name, id]) => [name, versionOf(id)]));
}

/** @param {string} id */
function versionOf(id) {
  // A package's `exports` may hide its package.json, so the folder is found by its name.
  const entry = resolve(id);
  const folder = entry.slice(0, entry.lastIndexOf(`/${id}/`) + id.length + 2);
  const path = entry.includes(`/${id}/`)
    ? `${folder}package.json`
    : new URL('../../packages/core/package.json', import.meta.url);
  return /** @type {{ version: string }} */ (JSON.parse(readFileSync(path, 'utf8'))).version;
}
