// @ts-check
// The bare limit: promises and nothing else. Nobody can be faster who gives a result for each job.
import { makeMemory, unfinished } from '../lib/memory.mjs';
import { makeOneByOne, makeWaves } from '../lib/workloads.mjs';

const unlimited = makeWaves(
  (_limit, work) => (count) => Promise.all(Array.from({ length: count }, work)),
);

/** @type {typeof unlimited} */
export const waves = (size) => unlimited({ ...size, limit: Infinity });

export const oneByOne = makeOneByOne((_limit, work) => async (count) => {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += await work();
  return sum;
});

export const activeMemory = makeMemory(({ count }, kept) => {
  const work = unfinished(kept);
  for (let index = 0; index < count; index += 1) void work();
});
