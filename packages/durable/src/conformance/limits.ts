import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Case } from './world.ts';

const never = new AbortController().signal;

/** Time in ms by which the clocks of a store and of a process may differ more than before. */
const drift = 5;

export const limitCases: readonly Case[] = [
  {
    title: 'a claim takes no more of a name than its limit',
    async run({ backend, name }) {
      for (let payload = 1; payload <= 4; payload += 1) await backend.enqueue({ name, payload });
      const leases = await backend.claim([name], 10, never, new Map([[name, 3]]));
      ok(leases.length > 0 && leases.length <= 3, `it took ${leases.length}`);
    },
  },
  {
    title: 'of each group run no more than perKey, of others any number',
    spec: { perKey: 1 },
    async run(world) {
      const { backend } = world;
      if (backend.features?.includes('perKey') !== true) return;
      for (const [payload, group] of [
        ['a1', 'a'],
        ['a2', 'a'],
        ['a3', 'a'],
        ['b1', 'b'],
        ['none', undefined],
        ['none', undefined],
      ] as const) {
        await world.enqueue({ payload, group });
      }
      const first = await world.claimAll(4);
      const payloads = first.map(({ payload }) => String(payload)).toSorted();
      deepEqual(payloads, ['a1', 'b1', 'none', 'none']);
      deepEqual(await world.look(5), []);
      for (const next of ['a2', 'a3']) {
        const lease = first.find(({ payload }) => String(payload).startsWith('a'));
        if (lease === undefined) throw new Error('unreachable');
        await backend.settle(lease, { kind: 'done' });
        const following = await world.claim();
        equal(following.payload, next);
        first.splice(first.indexOf(lease), 1, following);
        deepEqual(await world.look(5), []);
      }
    },
  },
  {
    title:
      'of the jobs of one group the larger priority starts first, however many a claim may take',
    spec: { perKey: 1 },
    async run(world) {
      if (world.backend.features?.includes('perKey') !== true) return;
      for (const priority of [0, 5, -5, 5]) {
        await world.enqueue({ payload: priority, priority, group: 'a' });
      }
      for (const priority of [5, 5, 0, -5]) {
        const leases = await world.backend.claim([world.name], 10, AbortSignal.timeout(10_000));
        deepEqual(
          leases.map(({ payload }) => payload),
          [priority],
        );
        for (const lease of leases) await world.backend.settle(lease, { kind: 'done' });
      }
    },
  },
  {
    title: 'perKey counts the jobs of a schedule that has a group',
    spec: { perKey: 1 },
    async run(world) {
      const { backend, name } = world;
      const { schedules } = backend;
      if (backend.features?.includes('perKey') !== true || schedules === undefined) return;
      await schedules.replace([name], [{ name, id: 'a' }], 1_000);
      for (const due of [2_000, 3_000]) {
        await schedules.enqueue({ name, payload: due, group: 'g' }, 'a', due);
      }
      const lease = await world.claim();
      equal(lease.payload, 2_000);
      deepEqual(await world.look(5), []);
      await backend.settle(lease, { kind: 'done' });
      equal((await world.claim()).payload, 3_000);
    },
  },
  {
    title: 'no more jobs start in a window of time than the rate allows',
    spec: { rate: { starts: 2, per: 1_000 } },
    async run(world) {
      if (world.backend.features?.includes('rate') !== true) return;
      for (let count = 0; count < 5; count += 1) await world.enqueue();
      const ids: string[] = [];
      while (ids.length < 5) {
        const leases = await world.backend.claim([world.name], 5, never);
        ids.push(...leases.map(({ id }) => id));
      }
      // As the store saw them: the answer to a claim may come late.
      const starts: number[] = [];
      for (const id of ids) starts.push((await world.get(id)).startedAt ?? NaN);
      for (const [index, start] of starts.slice(2).entries()) {
        const passed = start - (starts[index] ?? NaN);
        ok(passed >= 1_000 - drift, `the third start came after ${passed} ms`);
        ok(passed < 30_000, `the third start came after ${passed} ms`);
      }
    },
  },
];
