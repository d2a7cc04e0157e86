// @ts-check
import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Scheduler } from '@outlive/core';
import { settledHeap } from './memory.mjs';

const bursts = 1_000;
const burst = 1_000;

/** What is left on the heap after a million finished jobs, in bytes. @returns {import('./interleave.mjs').Block} */
export const heapLeft = () => async () => {
  const scheduler = new Scheduler();
  await finishJobs(scheduler, 1);
  const before = await settledHeap();
  await finishJobs(scheduler, bursts);
  const cost = (await settledHeap()) - before;
  return { count: 1, cost, check: () => checkEmpty(scheduler) };
};

/** The same for each job, all under one signal that outlives them. @returns {import('./interleave.mjs').Block} */
export const heapLeftUnderSignal = () => async () => {
  const { signal } = new AbortController();
  const scheduler = new Scheduler();
  await finishJobs(scheduler, 1, signal);
  const before = await settledHeap();
  await finishJobs(scheduler, bursts, signal);
  const cost = ((await settledHeap()) - before) / (bursts * burst);
  const check = () => {
    checkEmpty(scheduler);
    const { length } = getEventListeners(signal, 'abort');
    if (length > 0) throw new Error(`${length} listeners left`);
  };
  return { count: bursts * burst, cost, check };
};

/** The most listeners on the signal of 100 live jobs. @returns {import('./interleave.mjs').Block} */
export const listeners = () => async () => {
  const { signal } = new AbortController();
  const scheduler = new Scheduler();
  for (let index = 0; index < 100; index += 1)
    await scheduler.spawn(() => setImmediate(), { signal });
  const { length } = getEventListeners(signal, 'abort');
  await scheduler.idle();
  return { count: 1, cost: length };
};

/** @param {Scheduler} scheduler @param {number} times @param {AbortSignal} [signal] */
async function finishJobs(scheduler, times, signal) {
  for (let index = 0; index < times; index += 1) {
    for (let job = 0; job < burst; job += 1) void scheduler.spawn(async () => job, { signal });
    await scheduler.idle();
  }
}

/** @param {Scheduler} scheduler */
function checkEmpty(scheduler) {
  if (scheduler.size > 0) throw new Error(`${scheduler.size} jobs left`);
}
