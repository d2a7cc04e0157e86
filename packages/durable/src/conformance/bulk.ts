import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { NewJob } from '../backend.ts';
import type { Case, World } from './world.ts';

function jobsOf(world: World, count: number): NewJob[] {
  return Array.from({ length: count }, (_, payload) => ({ name: world.name, payload }));
}

export const bulkCases: readonly Case[] = [
  {
    title: 'many jobs are stored at once, their ids in order, and each is lent out once',
    async run(world) {
      const jobs = jobsOf(world, 3_000);
      const ids = (await world.backend.enqueueMany?.(jobs)) ?? [];
      equal(new Set(ids).size, jobs.length);
      deepEqual(await world.depth(), { ready: jobs.length, active: 0, failed: 0 });
      const leases = await world.claimAll(200);
      for (const { id, payload } of leases) equal(ids[Number(payload)], id);
      equal(new Set(leases.map(({ id }) => id)).size, 200);
    },
  },
  {
    title:
      'of many jobs at once each has its own key, delay and priority; who comes second gets null',
    async run(world) {
      const { name } = world;
      ok(await world.enqueue({ key: 'taken', payload: 'before' }));
      const ids = await world.backend.enqueueMany?.([
        { name, payload: 'low', priority: -1 },
        { name, payload: 'refused', key: 'taken' },
        { name, payload: 'high', priority: 1 },
        { name, payload: 'first', key: 'one', priority: 2 },
        { name, payload: 'second', key: 'one', priority: 3 },
        { name, payload: 'later', delay: 60_000, priority: 4 },
      ]);
      deepEqual(
        ids?.map((id) => typeof id === 'string'),
        [true, false, true, true, false, true],
      );
      const order: unknown[] = [];
      for (let count = 0; count < 4; count += 1) order.push((await world.claim()).payload);
      deepEqual(order, ['first', 'high', 'before', 'low']);
      deepEqual(await world.depth(), { ready: 1, active: 4, failed: 0 });
    },
  },
  {
    title: 'of many calls at once, with the same keys in other orders, each key is taken once',
    async run(world) {
      const { name, backend } = world;
      const calls = Array.from({ length: 6 }, async (_call, call) => {
        const jobs = jobsOf(world, 200).map((job, index) => {
          return { ...job, name, key: `key ${((index + 1) * (2 * call + 1)) % 100}` };
        });
        return (await backend.enqueueMany?.(jobs)) ?? [];
      });
      const ids = (await Promise.all(calls)).flat().filter((id) => id !== null);
      equal(new Set(ids).size, 100);
      deepEqual(await world.depth(), { ready: 100, active: 0, failed: 0 });
    },
  },
  {
    title:
      'many jobs in a transaction are there once that has committed, and gone if it is rolled back',
    async run(world) {
      const { backend } = world;
      if (backend.transaction === undefined) {
        const tx = { query: async () => ({ rows: [] }) };
        await rejects(async () => backend.enqueueMany?.(jobsOf(world, 2), { tx }), TypeError);
        return;
      }
      const failing = backend.transaction(async (tx) => {
        equal((await backend.enqueueMany?.(jobsOf(world, 3), { tx }))?.length, 3);
        throw new Error('rolled back');
      });
      await rejects(failing, /rolled back/);
      deepEqual(await world.depth(), { ready: 0, active: 0, failed: 0 });
      await backend.transaction(async (tx) => {
        await backend.enqueueMany?.(jobsOf(world, 3), { tx });
      });
      deepEqual(await world.depth(), { ready: 3, active: 0, failed: 0 });
    },
  },
];
