// @ts-check
import {
  bullmqBackend,
  defineJob,
  openJobs,
  pgliteBackend,
  postgresBackend,
} from '@outlive/durable';
import { leaseTime, name, retries } from './queue.mjs';

/** @param {import('./queue.mjs').Place} place @returns {Promise<import('./queue.mjs').Queue>} */
export async function open(place) {
  /** @type {((payload: object) => void) | undefined} */
  let started;
  const job = defineJob(name, (/** @type {object} */ payload) => started?.(payload), {
    retries,
    leaseTime,
  });
  const jobs = await openJobs({ jobs: [job], backend: backendOf(place), limit: place.limit });
  jobs.pause();
  return {
    add: (payload) => jobs.enqueue(job, payload),
    addMany: (payloads) => jobs.enqueueMany(job, payloads),
    async drain(count) {
      let left = count;
      await new Promise((resolve) => {
        started = () => {
          left -= 1;
          if (left === 0) resolve(undefined);
        };
        jobs.resume();
      });
      await jobs.idle();
      jobs.pause();
    },
    async serve(handler) {
      started = handler;
      jobs.resume();
    },
    async rest() {
      jobs.pause();
      await jobs.idle();
    },
    clear: () => clearOf(jobs.native),
    close: async () => void (await jobs.close()),
  };
}

/** @param {import('./queue.mjs').Place} place */
function backendOf({ kind, place, space, poolSize }) {
  if (kind === 'pglite') return pgliteBackend({ directory: place });
  if (kind === 'redis') return bullmqBackend({ connection: place, prefix: space });
  return postgresBackend({ connectionString: place, schema: space, poolSize });
}

/** @param {any} native */
async function clearOf({ boss, queues }) {
  if (boss !== undefined) await boss.deleteAllJobs(name);
  else await queues.get(name).obliterate({ force: true });
}
