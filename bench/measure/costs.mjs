// @ts-check
// Costs that other load on the machine cannot change: the gate holds ours, the topics set others beside them.
import { instructionsPerJob } from './cachegrind.mjs';
import { costOf, ours } from './compare.mjs';

/** @typedef {'promises' | 'asyncResources' | 'abortControllers'} Counted */

/** How many of them a job makes. @param {Counted} workload @param {string} [contestant] */
export function countOf(workload, contestant = ours) {
  return costOf({ file: 'counting', workload, argument: contestant });
}

/** Bytes of heap of a job. @param {'pending' | 'active'} workload @param {{ contestant?: string, awaited?: boolean, options?: object }} [kind] */
export function bytesOf(workload, kind) {
  const argument = { contestant: ours, count: 100_000, ...kind };
  // The first block loads code, which is in its measure.
  return costOf({ file: 'memory', workload, argument }, 1);
}

/** Instructions of a job that is spawned and awaited alone. @param {string} [contestant] */
export function instructionsAlone(contestant = ours) {
  const argument = { contestant, limit: 100, count: 1_000 };
  return instructionsPerJob({ file: 'queue', workload: 'oneByOne', argument }, 1_000);
}

/** Instructions of one of a burst, that is queued first. @param {string} [contestant] */
export function instructionsQueued(contestant = ours) {
  // A small burst: in a deep one the garbage collector would be all there is to see.
  const argument = { contestant, limit: 100, count: 1_000, work: 'trivial' };
  return instructionsPerJob({ file: 'queue', workload: 'bursts', argument }, 1_000);
}

/** Instructions that atomic() adds to a handler that has a jobs listener. */
export async function instructionsAtomic() {
  return (await instructionsOfHandler('atomic')) - (await instructionsOfHandler('plain'));
}

/** Instructions of a job that is spawned and awaited alone, while something watches. @param {string} watcher */
export function instructionsWatched(watcher) {
  const argument = { watcher, count: 1_000 };
  // An SDK takes long to load under valgrind.
  const times = { few: 30, many: 50 };
  return instructionsPerJob({ file: 'watched', workload: 'watched', argument }, 1_000, times);
}

/** @param {string} kind */
function instructionsOfHandler(kind) {
  const argument = { count: 1_000, kind };
  return instructionsPerJob({ file: 'atomic', workload: 'handlers', argument }, 1_000);
}
