// @ts-check
import { hasValgrind, instructionsPerJob } from '../lib/cachegrind.mjs';
import { measure } from '../lib/measure.mjs';

/** @typedef {{ unit: string, value: number }} Cost more is worse */

const outlive = url('../contestants/outlive.mjs');
const counting = url('../lib/counting.mjs');
const once = { rounds: 1, warmUp: 0 };

/**
 * What the gate guards: numbers that no other load on the machine can change.
 *
 * @returns {Promise<Record<string, Cost>>}
 */
export async function measureNumbers() {
  return { ...(await exactCounts()), ...(await heapBytes()), ...(await instructionCounts()) };
}

async function exactCounts() {
  return {
    'promises per job': await exactCount('promisesPerJob', 'promises'),
    'AsyncResources per job': await exactCount('resourcesPerJob', 'resources'),
    'AbortControllers per job': await exactCount('controllersPerJob', 'controllers'),
  };
}

/** @param {string} workload @param {string} unit @returns {Promise<Cost>} */
async function exactCount(workload, unit) {
  const value = await measure({ module: counting, workload, argument: outlive }, once);
  return { unit, value };
}

async function heapBytes() {
  return {
    'bytes per pending job': await heapOf('pendingMemory', false),
    'bytes per pending job that is awaited': await heapOf('pendingMemory', true),
    'bytes per active job and its promise': await heapOf('activeMemory', false),
  };
}

/** @param {string} workload @param {boolean} awaited @returns {Promise<Cost>} */
async function heapOf(workload, awaited) {
  const argument = { count: 100_000, awaited };
  // The first block loads code, which then is in its measure; of many jobs, since other things move too.
  const value = await measure({ module: outlive, workload, argument }, { rounds: 1, warmUp: 1 });
  return { unit: 'bytes', value };
}

async function instructionCounts() {
  if (!hasValgrind()) {
    console.log('SKIPPED: valgrind is missing, so no instructions are counted');
    return {};
  }
  const count = 20_000;
  const alone = { count, limit: 100 };
  // Small bursts: in deep ones the garbage collector would be all there is to see.
  const queued = { count: 1_000, bursts: 20, limit: 100, work: 'trivial' };
  const atomic = { count, kind: 'atomic' };
  const wrapper = url('../http/wrapper.mjs');
  return {
    'instructions: spawn and wait': await instructionsOf(outlive, 'oneByOne', alone),
    'instructions: queued, then run': await instructionsOf(
      outlive,
      'waves',
      queued,
      'bursts',
      1_000,
    ),
    'instructions: atomic handler': await instructionsOf(wrapper, 'calls', atomic),
  };
}

/**
 * @param {string} module
 * @param {string} workload
 * @param {Record<string, unknown>} argument
 * @param {'count' | 'bursts'} [varied]
 * @param {number} [each]
 * @returns {Promise<Cost>}
 */
async function instructionsOf(module, workload, argument, varied, each) {
  const value = await instructionsPerJob({ module, workload, argument }, varied, each);
  return { unit: 'instructions', value };
}

/** @param {string} path */
function url(path) {
  return new URL(path, import.meta.url).href;
}
