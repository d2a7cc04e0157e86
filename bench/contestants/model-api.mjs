// @ts-check
// The least that our API can cost: `await spawn()`, `await wait()`, a limit and a queue, and no guarantee: no
// closing, no draining, no failures, no ids, no times, no options.
import { AsyncResource } from 'node:async_hooks';
import { spawning } from './queue.mjs';

/** @typedef {import('./queue.mjs').Work} Work */

class Job {
  /** @type {Promise<number> | undefined} */
  outcome = undefined;
  /** @type {((outcome: Promise<number>) => void) | undefined} */
  resolve = undefined;
  /** @type {Job | undefined} */
  next = undefined;
  /** @type {AsyncResource | undefined} */
  context = undefined;

  /** @returns {Promise<number>} */
  wait() {
    if (this.outcome !== undefined) return this.outcome;
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  }
}

/** @param {number} limit @param {Work} work @param {boolean} keepsContext */
export function openModel(limit, work, keepsContext) {
  let active = 0;
  /** @type {Job | undefined} */
  let head;
  /** @type {Job | undefined} */
  let tail;

  /** @param {Job} job */
  const start = (job) => {
    active += 1;
    job.outcome = work().then(ended);
    job.resolve?.(job.outcome);
  };
  /** @param {number} value */
  const ended = (value) => {
    active -= 1;
    const job = head;
    if (job !== undefined) {
      head = job.next;
      if (job.context === undefined) start(job);
      else job.context.runInAsyncScope(start, undefined, job);
    }
    return value;
  };
  const spawn = () => {
    const job = new Job();
    if (active < limit) start(job);
    else {
      if (keepsContext) job.context = new AsyncResource('ModelJob');
      if (tail === undefined || head === undefined) head = job;
      else tail.next = job;
      tail = job;
    }
    return Promise.resolve(job);
  };
  return { ...spawning(spawn), keepsContext };
}

/** @param {number} limit @param {Work} work */
export const open = (limit, work) => openModel(limit, work, false);
