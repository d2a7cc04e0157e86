// @ts-check
// It takes a whole list at once: there is no adding of one job, so it takes part where there is a list.
import { PromisePool } from '@supercharge/promise-pool';
import { makeForget, makeWaves } from '../lib/workloads.mjs';

export const waves = makeWaves((limit, work) => async (count) => {
  const { results } = await PromisePool.withConcurrency(limit)
    .for(Array.from({ length: count }))
    .process(() => work());
  return results;
});

export const forget = makeForget((limit, work) => async (count) => {
  await PromisePool.withConcurrency(limit)
    .for(Array.from({ length: count }))
    .process(() => work());
});
