// @ts-check
import { spawnAndWait } from './spawn-and-wait.mjs';

/**
 * The least that our API can cost: `await spawn()`, `await wait()`, a limit and a queue, and no guarantee: no
 * closing, no draining, no failures, no ids, no times, no options.
 *
 * @param {(run: () => void) => () => void} [inContext] called at each spawn: what it gives runs the job
 */
export function makeModel(inContext = (run) => run) {
  class Job {
    /** @type {Promise<number> | undefined} */
    outcome = undefined;
    /** @type {((outcome: Promise<number>) => void) | undefined} */
    resolve = undefined;
    /** @type {Job | undefined} */
    next = undefined;
    /** @type {() => void} */
    start;

    /** @param {Scheduler} scheduler @param {() => Promise<number>} work */
    constructor(scheduler, work) {
      this.start = inContext(() => {
        const outcome = work().then((value) => {
          scheduler.ended();
          return value;
        });
        this.resolve?.(outcome);
        this.outcome = outcome;
      });
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

  class Scheduler {
    active = 0;
    /** @type {Job | undefined} */
    head = undefined;
    /** @type {Job | undefined} */
    tail = undefined;

    /** @param {number} limit */
    constructor(limit) {
      this.limit = limit;
    }

    /** @param {() => Promise<number>} work */
    spawn(work) {
      const job = new Job(this, work);
      if (this.active < this.limit) this.start(job);
      else {
        if (this.tail === undefined) this.head = job;
        else this.tail.next = job;
        this.tail = job;
      }
      return Promise.resolve(job);
    }

    /** @param {Job} job */
    start(job) {
      this.active += 1;
      job.start();
    }

    ended() {
      this.active -= 1;
      const job = this.head;
      if (job === undefined) return;
      this.head = job.next;
      if (job.next === undefined) this.tail = undefined;
      this.start(job);
    }
  }

  return spawnAndWait((limit) => new Scheduler(limit));
}
