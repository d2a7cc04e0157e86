// @ts-check
// The least that our API can cost: `await spawn()`, `await wait()`, a limit and a queue, and no guarantee: no
// closing, no draining, no failures, no ids, no times, no options.
import { AsyncResource } from 'node:async_hooks';
import { spawning } from './queue.mjs';

/** @typedef {import('./queue.mjs').Work} Work */

class ModelJob {
  /** @type {Promise<number> | undefined} */
  outcome = undefined;
  /** @type {((outcome: Promise<number>) => void) | undefined} */
  resolve = undefined;
  /** @type {ModelJob | undefined} */
  next = undefined;
  /** @type {AsyncResource | undefined} */
  context = undefined;
  /** @type {Work} */
  work;

  /** @param {Work} work */
  constructor(work) {
    this.work = work;
  }

  wait() {
    return (
      this.outcome ??
      new Promise((/** @type {(value: number | Promise<number>) => void} */ resolve) => {
        this.resolve = resolve;
      })
    );
  }
}

/** @param {number} limit @param {Work} work @param {boolean} hasContext */
export function openModel(limit, work, hasContext) {
  let active = 0;
  /** @type {ModelJob | undefined} */
  let head;
  /** @type {ModelJob | undefined} */
  let tail;

  /** @param {ModelJob} job */
  function start(job) {
    active += 1;
    const outcome = job.work().then((value) => {
      ended();
      return value;
    });
    job.resolve?.(outcome);
    job.outcome = outcome;
  }

  function ended() {
    active -= 1;
    const job = head;
    if (job === undefined) return;
    head = job.next;
    if (job.context === undefined) start(job);
    else job.context.runInAsyncScope(start, undefined, job);
  }

  return spawning(() => {
    const job = new ModelJob(work);
    if (active < limit) start(job);
    else {
      if (hasContext) job.context = new AsyncResource('ModelJob');
      if (tail === undefined || head === undefined) head = job;
      else tail.next = job;
      tail = job;
    }
    return Promise.resolve(job);
  });
}

/** @param {number} limit @param {Work} work */
export const open = (limit, work) => openModel(limit, work, false);
