// @ts-check
import { compare, costOf, ours } from '../measure/compare.mjs';

/** @typedef {import('../report/rows.mjs').Row} Row */
/** @typedef {Record<string, { contestant: string, options?: object }>} Contestants by what the table calls them */

export const title =
  'CPU time of a job in bursts of 200, of one turn each, all awaited: rates, keys, groups';

// Blocks of bottleneck take half a second of waiting: it asks its store by way of timers.
const effort = { sessions: 4, rounds: 8, warmUp: 4 };
const limit = 50;

/** No more than the bursts need. */
const ample = { starts: 1_000_000, per: 1_000 };
/** A burst has to wait for the second half of it. */
const tight = { starts: 100, per: 20 };

/** @type {Contestants} */
const withAmpleRate = {
  [ours]: { contestant: ours, options: { rate: ample } },
  'p-queue': peer('p-queue', fixed(ample)),
  'p-queue strict': peer('p-queue', { ...fixed(ample), strict: true }),
  'bottleneck reservoir': peer('bottleneck', reservoir(ample)),
};
/** @type {Contestants} */
const withTightRate = {
  [ours]: { contestant: ours, options: { rate: tight } },
  'p-queue': peer('p-queue', fixed(tight)),
  'p-queue strict': peer('p-queue', { ...fixed(tight), strict: true }),
};
/** @type {Contestants} */
const spaced = {
  [ours]: { contestant: ours, options: { rate: { starts: 1, per: 1 } } },
  'p-queue strict': peer('p-queue', { intervalCap: 1, interval: 1, strict: true }),
  'bottleneck minTime': peer('bottleneck', { minTime: 1 }),
};
/** @type {Contestants} */
const withKeys = {
  [ours]: { contestant: ours, options: { perKey: 2 } },
  'p-queue, one for each': peer('p-queue', { perKey: 2 }),
  'bottleneck Group': peer('bottleneck', { perKey: 2 }),
};
/** @type {Contestants} */
const asGroup = {
  [ours]: { contestant: ours },
  'p-map': { contestant: 'p-map' },
  'p-queue addAll': { contestant: 'p-queue' },
};

/** @returns {Promise<Row[]>} */
export default async function limits() {
  return [
    ...(await beside('rate, not reached', 'rated', withAmpleRate)),
    ...(await beside('rate, holds back', 'rated', withTightRate)),
    ...(await beside('one start a ms', 'rated', spaced)),
    ...(await mostStarts()),
    ...(await beside('20 keys, 2 of each', 'keyed', withKeys, { keys: 20 })),
    ...(await beside('as a group', 'grouped', asGroup)),
  ];
}

/** @param {string} what @param {string} workload @param {Contestants} contestants @param {object} [more] */
async function beside(what, workload, contestants, more) {
  const tasks = Object.fromEntries(
    Object.entries(contestants).map(([name, contestant]) => [
      name,
      { file: 'limits', workload, argument: { ...contestant, limit, count: 200, ...more } },
    ]),
  );
  const rows = await compare(tasks, {}, effort);
  return rows.map((row) => ({ what, ...row }));
}

/** What each lets through at the edge of a window. @returns {Promise<Row[]>} */
async function mostStarts() {
  const rate = { starts: 10, per: 250 };
  /** @param {string} contestant @param {object} options @param {boolean} keeps */
  const of = (contestant, options, keeps) => {
    const argument = { contestant, limit, options, keeps, ...rate };
    return costOf({ file: 'limits', workload: 'mostStarts', argument });
  };
  const own = await of(ours, { rate }, true);
  const peers = {
    'p-queue': await of('p-queue', fixed(rate), false),
    'p-queue strict': await of('p-queue', { ...fixed(rate), strict: true }, false),
    'bottleneck reservoir': await of('bottleneck', reservoir(rate), false),
  };
  return Object.entries(peers).map(([name, theirs]) => ({
    what: 'most starts, 10 allowed',
    peer: name,
    unit: 'count',
    ours: own,
    theirs,
  }));
}

/** @param {string} contestant @param {object} options */
function peer(contestant, options) {
  return { contestant, options };
}

/** @param {{ starts: number, per: number }} rate */
function fixed({ starts, per }) {
  return { intervalCap: starts, interval: per };
}

/** @param {{ starts: number, per: number }} rate its `per` a multiple of 250 */
function reservoir({ starts, per }) {
  return {
    reservoir: starts,
    reservoirRefreshAmount: starts,
    reservoirRefreshInterval: per,
  };
}
