import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Case, World } from './world.ts';

/** Stores the job of a schedule, if the time is still to come for it. */
async function enqueue(world: World, id: string, due: number): Promise<string | null | undefined> {
  return world.backend.schedules?.enqueue({ name: world.name, payload: due }, id, due);
}

async function replace(
  { backend, name }: World,
  ids: readonly string[],
  since: number,
): Promise<number[] | undefined> {
  const schedules = ids.map((id) => ({ name, id }));
  return backend.schedules?.replace([name], schedules, since);
}

export const scheduleCases: readonly Case[] = [
  {
    title: 'of each time of a schedule one job is stored, whoever tries and however often',
    async run(world) {
      if (world.backend.schedules === undefined) return;
      deepEqual(await replace(world, ['a', 'b'], 1_000), [1_000, 1_000]);
      const tries = Array.from({ length: 8 }, async () => enqueue(world, 'a', 2_000));
      const [id, ...others] = (await Promise.all(tries)).filter((each) => each !== null);
      ok(id);
      deepEqual(others, []);
      const lease = await world.claim();
      deepEqual([lease.id, lease.payload], [id, 2_000]);
      await world.backend.settle(lease, { kind: 'done' });
      for (const due of [2_000, 1_500, 1_000]) equal(await enqueue(world, 'a', due), null);
      ok(await enqueue(world, 'b', 2_000));
      ok(await enqueue(world, 'a', 3_000));
      deepEqual(await world.depth(), { ready: 2, active: 0, failed: 0 });
    },
  },
  {
    title: 'a store knows when the last job of a schedule was due, and forgets what is replaced',
    async run(world) {
      if (world.backend.schedules === undefined) return;
      await replace(world, ['a', 'b'], 1_000);
      ok(await enqueue(world, 'a', 7_000));
      deepEqual(await replace(world, ['c', 'a'], 9_000), [9_000, 7_000]);
      equal(await enqueue(world, 'b', 10_000), null);
      ok(await enqueue(world, 'c', 10_000));
      deepEqual(await replace(world, [], 11_000), []);
      equal(await enqueue(world, 'a', 12_000), null);
      deepEqual(await replace(world, ['a'], 13_000), [13_000]);
    },
  },
  {
    title:
      'of processes that open at the same time with different schedules, those of one are left',
    async run(world) {
      if (world.backend.schedules === undefined) return;
      for (let round = 1; round <= 5; round += 1) {
        const sets = ['a', 'b', 'c'].map((set) => [`${set}${round}`, `other-${set}${round}`]);
        await Promise.all(sets.map(async (ids) => replace(world, ids, 1_000)));
        const left: string[] = [];
        for (const id of sets.flat()) {
          if ((await enqueue(world, id, 2_000)) !== null) left.push(id);
        }
        ok(
          sets.some((ids) => ids.join() === left.join()),
          `these are left: ${left.join()}`,
        );
      }
    },
  },
];
