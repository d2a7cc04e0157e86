// @ts-check

/** @param {import('@outlive/durable').JobBackend} backend @returns {import('./compare.mjs').Engine} */
export function pgBoss(backend) {
  return {
    backend,
    async openRaw({ boss }, { raw }) {
      await boss.createQueue(raw, { policy: 'exclusive', heartbeatSeconds: 30 });
      return {
        async fill(queue, count) {
          for (let n = 0; n < count; n += 500) {
            const jobs = Array.from({ length: 500 }, (_, index) => ({
              data: { payload: n + index },
              singletonKey: `${n + index}-${Math.random()}`,
            }));
            await boss.insert(queue, jobs);
          }
        },
        async drain(limit) {
          for (;;) {
            const jobs = await boss.fetch(raw, { batchSize: limit });
            if (jobs.length === 0) return;
            await boss.complete(raw, jobs);
          }
        },
        close: () => boss.deleteQueue(raw),
      };
    },
  };
}
