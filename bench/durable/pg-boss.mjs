// @ts-check
import { setTimeout as pause } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { fromPglite, PgBoss } from 'pg-boss';
import { leaseTime, name, retries } from './queue.mjs';

/** Time in ms until an empty queue is asked again. */
const emptyPause = 5;

/**
 * pg-boss alone, with the settings that a job of ours has. It runs jobs that wait by the fastest loop that it allows, many with
 * one statement: its own worker would take ten of them a second. Those that come one by one it serves by that worker, which
 * notifications wake.
 *
 * @param {import('./queue.mjs').Place} place
 * @returns {Promise<import('./queue.mjs').Queue>}
 */
export async function open({ kind, place, space, limit, poolSize }) {
  const own = kind === 'pglite' ? await openPglite(place) : undefined;
  const boss = new PgBoss({
    ...(own === undefined
      ? { connectionString: place, max: poolSize }
      : { db: own.db, backend: 'pglite' }),
    schema: space,
    schedule: false,
    useListenNotify: true,
    superviseIntervalSeconds: 600,
  });
  boss.on('error', console.error);
  await boss.start();
  const heartbeatSeconds = leaseTime / 1_000;
  await boss.createQueue(name, { retryLimit: retries, heartbeatSeconds, notify: true });
  let serving = new AbortController();
  let isWorking = false;
  /** @type {Promise<void> | undefined} */
  let loop;
  /** @param {(payload: any) => void} started */
  const work = async (started) => {
    const { signal } = serving;
    while (!signal.aborted) {
      const jobs = await boss.fetch(name, { batchSize: limit });
      for (const { data } of jobs) started(data);
      if (jobs.length > 0) await boss.complete(name, jobs);
      else await pause(emptyPause);
    }
  };

  return {
    add: (payload) => boss.send(name, payload),
    addMany: (payloads) =>
      boss.insert(
        name,
        payloads.map((data) => ({ data })),
        { returnId: true },
      ),
    async drain(count) {
      for (let left = count; left > 0;) {
        const jobs = await boss.fetch(name, { batchSize: limit });
        await Promise.all(jobs.map(async () => {}));
        if (jobs.length > 0) await boss.complete(name, jobs);
        left -= jobs.length;
      }
    },
    async serve(started, hasBacklog) {
      if (hasBacklog) {
        serving = new AbortController();
        loop = work(started);
        return;
      }
      isWorking = true;
      await boss.work(name, { batchSize: limit, pollingIntervalSeconds: 1 }, async (jobs) => {
        for (const { data } of jobs) started(data);
      });
    },
    async rest() {
      serving.abort();
      if (isWorking) await boss.offWork(name);
      isWorking = false;
      await loop;
    },
    clear: async () => void (await boss.deleteAllJobs(name)),
    async close() {
      await boss.stop({ graceful: false });
      await own?.pglite.close();
    },
  };
}

/** With a flush of each job to the disk, as ours. @param {string} dataDir */
async function openPglite(dataDir) {
  const startParams = PGlite.defaultStartParams.filter((parameter) => parameter !== '-F');
  const pglite = await PGlite.create({ dataDir, startParams });
  const db = { ...fromPglite(pglite), listen: listenTo(pglite) };
  return { pglite, db };
}

/** @param {PGlite} pglite */
function listenTo(pglite) {
  /** @param {string} channel @param {(payload: string) => void} onNotification @param {() => void} onReconnect */
  return async (channel, onNotification, onReconnect) => {
    const close = await pglite.listen(channel, onNotification);
    onReconnect();
    return { close: () => close() };
  };
}
