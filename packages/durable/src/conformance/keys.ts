import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { pause } from '../util/waiting.ts';
import type { Case } from './world.ts';

/** Time in ms by which the clocks of a store and of this process may differ in a second or two. */
const drift = 20;

export const keyCases: readonly Case[] = [
  {
    title: 'a key with a window is taken for so long, whatever becomes of its job',
    async run(world) {
      const { backend, name } = world;
      if (backend.features?.includes('window') !== true) return;
      const long = { key: 'long', window: 60_000 };
      const tries = Array.from({ length: 5 }, async () => world.enqueue(long));
      equal((await Promise.all(tries)).filter((id) => id !== null).length, 1);
      const lease = await world.claim();
      await backend.settle(lease, { kind: 'done' });
      const many = [
        { name, payload: 1, ...long },
        { name, payload: 2, key: 'two', window: 60_000 },
        { name, payload: 3, key: 'two', window: 60_000 },
        { name, payload: 4 },
      ];
      const ids = (await backend.enqueueMany?.(many)) ?? [];
      deepEqual(
        ids.map((id) => id !== null),
        [false, true, false, true],
      );
      equal(await world.enqueue(long), null);
      // Each call that is taken begins a window, at some time between its beginning and its end.
      const short = { key: 'short', window: 1_500 };
      let begun = performance.now();
      ok(await world.enqueue(short));
      for (let count = 0; count < 2; count += 1) {
        let asked: number;
        do {
          await pause(50);
          asked = performance.now();
        } while ((await world.enqueue(short)) === null);
        const passed = performance.now() - begun;
        ok(passed >= short.window - drift, `the key was open after ${passed} ms`);
        begun = asked;
      }
    },
  },
  {
    title: 'a job that replaces makes the one that waits to itself, and leaves one that runs alone',
    async run(world) {
      const { backend } = world;
      if (backend.features?.includes('replace') !== true) return;
      const replacing = { key: 'one', replace: true };
      const id = await world.enqueue({ ...replacing, payload: 'first', delay: 60_000 });
      ok(id);
      equal(await world.enqueue({ ...replacing, payload: 'second', delay: 60_000 }), id);
      deepEqual(await world.look(), []);
      equal(await world.enqueue({ ...replacing, payload: 'third', priority: 5 }), id);
      equal(await world.enqueue({ key: 'one', payload: 'refused' }), null);
      const running = await world.claim();
      deepEqual([running.id, running.payload, running.attempt], [id, 'third', 1]);
      const next = await world.enqueue({ ...replacing, payload: 'fourth' });
      ok(next);
      notEqual(next, id);
      equal(await world.enqueue({ ...replacing, payload: 'fifth', delay: 5_000 }), next);
      deepEqual(await world.look(), []);
      const later = await world.claim();
      deepEqual([later.id, later.payload], [next, 'fifth']);
      for (const lease of [running, later]) {
        equal(await backend.settle(lease, { kind: 'done' }), true);
      }
      deepEqual(await world.depth(), { ready: 0, active: 0, failed: 0 });
      ok(await world.enqueue({ key: 'one' }));
    },
  },
  {
    title: 'a job whose key went to another one while it ran can be retried beside that',
    async run(world) {
      const { backend } = world;
      if (backend.features?.includes('replace') !== true) return;
      const id = await world.store({ key: 'one' });
      const lease = await world.claim();
      const other = await world.enqueue({ key: 'one', replace: true, delay: 60_000 });
      notEqual(other, id);
      await backend.settle(lease, { kind: 'fail', error: new Error('on purpose'), final: true });
      equal(await backend.control.retry(id), true);
      const again = await world.claim();
      deepEqual([again.id, again.attempt], [id, 1]);
      equal(await backend.settle(again, { kind: 'done' }), true);
      equal(await world.enqueue({ key: 'one' }), null);
    },
  },
  {
    title: 'of many that replace at once one job is left, with what came last',
    async run(world) {
      if (world.backend.features?.includes('replace') !== true) return;
      const tries = Array.from({ length: 10 }, async (_, payload) => {
        return world.enqueue({ key: 'one', replace: true, payload });
      });
      equal(new Set(await Promise.all(tries)).size, 1);
      await world.enqueue({ key: 'one', replace: true, payload: 'last' });
      equal((await world.claim()).payload, 'last');
      deepEqual(await world.look(), []);
    },
  },
];
