// @ts-check
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { leaseTime, name, retries } from './queue.mjs';

/** With a priority, as all of ours have: BullMQ keeps such jobs in another way than those without. */
const opts = {
  attempts: retries + 1,
  backoff: { type: 'exponential', delay: 1_000 },
  priority: 1_001,
};

/** BullMQ alone: its own worker, which asks for the next job as it ends one. @param {import('./queue.mjs').Place} place @returns {Promise<import('./queue.mjs').Queue>} */
export async function open({ place, space, limit }) {
  const connection = new Redis(place, { maxRetriesPerRequest: null });
  const queue = new Queue(name, { connection, prefix: space });
  await queue.waitUntilReady();
  /** @type {((payload: any) => void) | undefined} */
  let started;
  /** @type {Worker | undefined} */
  let worker;
  const work = async () => {
    if (worker !== undefined) return worker.resume();
    const settings = {
      connection,
      prefix: space,
      concurrency: limit,
      lockDuration: leaseTime,
      autorun: false,
    };
    worker = new Worker(name, async ({ data }) => started?.(data), settings);
    worker.on('error', console.error);
    await worker.waitUntilReady();
    void worker.run();
  };
  return {
    add: (payload) => queue.add(name, payload, opts),
    addMany: (payloads) => queue.addBulk(payloads.map((data) => ({ name, data, opts }))),
    async drain(count) {
      await work();
      let left = count;
      await new Promise((resolve) => {
        worker?.on('completed', () => {
          left -= 1;
          if (left === 0) resolve(undefined);
        });
      });
      worker?.removeAllListeners('completed');
    },
    async serve(handler) {
      started = handler;
      await work();
    },
    async rest() {
      await worker?.pause();
    },
    clear: () => queue.obliterate({ force: true }),
    async close() {
      await worker?.close(true);
      await queue.close();
      connection.disconnect();
    },
  };
}
