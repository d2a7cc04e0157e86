import { deepEqual, equal, ok } from 'node:assert/strict';
import { pause } from '../util/waiting.ts';
import type { Case } from './world.ts';

const payloads: readonly unknown[] = [
  {},
  [],
  null,
  0,
  -1.5e300,
  5e-324,
  '',
  false,
  'Grüße, 世界 🌍 \\u0000 "quoted" \u2028 \u007F',
  { nested: [{ deeply: { indeed: [1, 'two', null, [true]] } }], __proto__x: 1, '': 'empty key' },
  { text: 'x'.repeat(900_000) },
];

export const storingCases: readonly Case[] = [
  {
    title: 'a job is lent out once, as it was stored',
    async run(world) {
      const id = await world.enqueue({ payload: { orderId: '7' } });
      const lease = await world.claim();
      equal(lease.id, id);
      equal(lease.name, world.name);
      equal(lease.attempt, 1);
      deepEqual(lease.payload, { orderId: '7' });
      deepEqual(await world.look(), []);
    },
  },
  {
    title: 'what is stored beside a payload comes back in every run',
    async run(world) {
      const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
      await world.enqueue({ payload: null, headers });
      const lease = await world.claim();
      deepEqual(lease.headers, headers);
      equal(lease.payload, null);
      await world.backend.settle(lease, { kind: 'release' });
      deepEqual((await world.claim()).headers, headers);
      await world.enqueue({ payload: { headers } });
      const plain = await world.claim();
      equal(plain.headers, undefined);
      deepEqual(plain.payload, { headers });
    },
  },
  {
    title: 'payloads of every kind of JSON come back equal',
    async run(world) {
      for (const payload of payloads) {
        await world.enqueue({ payload });
        const lease = await world.claim();
        deepEqual(lease.payload, payload);
        await world.backend.settle(lease, { kind: 'done' });
      }
    },
  },
  {
    title: 'a claim takes no more than it asked for',
    async run(world) {
      for (let count = 0; count < 5; count += 1) await world.enqueue();
      equal((await world.claimAll(3)).length, 3);
      deepEqual(await world.depth(), { ready: 2, active: 3, failed: 0 });
    },
  },
  {
    title: 'many at once are each lent out once',
    async run(world) {
      const ids = await Promise.all(Array.from({ length: 60 }, async () => world.enqueue()));
      const claims = await Promise.all([
        world.claimAll(20),
        world.claimAll(20),
        world.claimAll(20),
      ]);
      const claimed = claims.flat().map(({ id }) => id);
      deepEqual(claimed.toSorted(), ids.map(String).toSorted());
    },
  },
  {
    title: 'larger priority is claimed first, and of the same the older',
    async run(world) {
      for (const [payload, priority] of [0, 1, 0, -5, 1].entries()) {
        await world.enqueue({ payload, priority });
        await pause(5);
      }
      const order: unknown[] = [];
      for (let count = 0; count < 5; count += 1) order.push((await world.claim()).payload);
      deepEqual(order, [1, 4, 0, 2, 3]);
    },
  },
  {
    title: 'a delayed job is not claimed before its time, and at most a second after it',
    async run(world) {
      const before = performance.now();
      await world.enqueue({ delay: 3_000 });
      const early = await world.look();
      // On a machine that is busy enough the look itself takes that long.
      const waited = early.length > 0 ? 0 : await world.time(world.claim());
      const passed = performance.now() - before;
      ok(passed >= 2_900, `it was claimed after ${passed} ms`);
      ok(waited < 4_000, `it was claimed after ${waited} ms`);
    },
  },
  {
    title: 'a delay may be a hundred years',
    async run(world) {
      const delay = 100 * 366 * 24 * 60 * 60 * 1_000;
      const { state, runAt = 0 } = await world.get(await world.store({ delay }));
      equal(state, 'delayed');
      ok(Math.abs(runAt - Date.now() - delay) < 60_000, `it is to run at ${runAt}`);
    },
  },
  {
    title: 'a claim that waits gets a job soon after it is stored',
    async run(world) {
      const claiming = world.claim();
      await pause(300);
      await world.enqueue();
      const waited = await world.time(claiming);
      ok(waited < 1_500, `it was claimed after ${waited} ms`);
    },
  },
  {
    title: 'a claim ends soon after its abort',
    async run(world) {
      const controller = new AbortController();
      const claiming = world.backend.claim([world.name], 1, controller.signal);
      await pause(100);
      controller.abort();
      const waited = await world.time(claiming);
      deepEqual(await claiming, []);
      ok(waited < 3_000, `it ended after ${waited} ms`);
    },
  },
  {
    title: 'a key is taken while its job waits and while it runs',
    async run(world) {
      const stored = await Promise.all(
        Array.from({ length: 20 }, async () => world.enqueue({ key: 'one' })),
      );
      equal(stored.filter((id) => id !== null).length, 1);
      ok(await world.enqueue({ key: 'another' }));
      const leases = await world.claimAll(2);
      equal(await world.enqueue({ key: 'one' }), null);
      for (const lease of leases) await world.backend.settle(lease, { kind: 'done' });
      ok(await world.enqueue({ key: 'one' }));
    },
  },
];
