import { deepEqual, ok, rejects } from 'node:assert/strict';
import type { Case, World } from './world.ts';

const empty = { ready: 0, active: 0, failed: 0 };

export const transactionCases: readonly Case[] = [
  {
    title: 'a job stored in a transaction is there once that has committed (or it is refused)',
    async run(world) {
      if (world.backend.transaction === undefined) return refuses(world);
      await world.backend.transaction(async (tx) => {
        ok(await world.enqueue({}, { tx }));
      });
      deepEqual(await world.depth(), { ...empty, ready: 1 });
    },
  },
  {
    title: 'a job stored in a transaction that is rolled back is gone (or it is refused)',
    async run(world) {
      const { transaction } = world.backend;
      if (transaction === undefined) return refuses(world);
      const failing = world.backend.transaction?.(async (tx) => {
        ok(await world.enqueue({}, { tx }));
        throw new Error('rolled back');
      });
      await rejects(async () => failing, /rolled back/);
      deepEqual(await world.depth(), empty);
      deepEqual(await world.look(), []);
    },
  },
];

async function refuses(world: World): Promise<void> {
  const tx = { query: async () => ({ rows: [] }) };
  await rejects(async () => world.enqueue({}, { tx }), TypeError);
  deepEqual(await world.depth(), empty);
}
