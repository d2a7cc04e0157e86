// @ts-check
import { randomUUID } from 'node:crypto';
import { bullmqBackend } from '@outlive/durable';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

// As our jobs are stored: BullMQ keeps those with a priority in another way than those without.
const opts = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 1_000 },
  priority: 1_001,
  removeOnComplete: true,
  removeOnFail: false,
  stackTraceLimit: 10,
};

/** @param {string} url @returns {import('./compare.mjs').Engine} */
export function bullmq(url) {
  const prefix = `outlive-bench-${randomUUID().slice(0, 8)}`;
  return {
    backend: bullmqBackend({ connection: url, prefix }),
    async openRaw({ queues }, { raw, pumped }) {
      const connection = new Redis(url, { maxRetriesPerRequest: null });
      const worker = new Worker(raw, null, { connection, prefix });
      await worker.waitUntilReady();
      const all = new Map([...queues, [raw, new Queue(raw, { connection, prefix })]]);
      const drainOneByOne = async () => {
        for (;;) {
          const token = randomUUID();
          const job = await worker.getNextJob(token, { block: false });
          if (job === undefined) return;
          await job.moveToCompleted(null, token, false);
        }
      };
      return {
        async fill(name, count) {
          for (let n = 0; n < count; n += 500) {
            const jobs = Array.from({ length: 500 }, (_, index) => ({
              name,
              data: n + index,
              opts: { ...opts, jobId: randomUUID() },
            }));
            await all.get(name).addBulk(jobs);
          }
        },
        drain: async (limit) => {
          await Promise.all(Array.from({ length: limit }, drainOneByOne));
        },
        async close() {
          for (const name of [raw, pumped]) await all.get(name).obliterate({ force: true });
          await worker.close(true);
          await all.get(raw).close();
          connection.disconnect();
        },
      };
    },
  };
}
