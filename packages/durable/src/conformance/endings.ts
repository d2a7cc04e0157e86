import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Case } from './world.ts';

const error = new Error('It fails on purpose');

export const endingCases: readonly Case[] = [
  {
    title: 'a job that is done is not lent out again',
    async run(world) {
      await world.enqueue();
      equal(await world.backend.settle(await world.claim(), { kind: 'done' }), true);
      deepEqual(await world.look(), []);
      deepEqual(await world.depth(), { ready: 0, active: 0, failed: 0 });
    },
  },
  {
    title: 'a failed job is retried as the next attempt, then failed for good',
    spec: { retries: 2 },
    async run(world) {
      const id = await world.enqueue({ payload: 'again', key: 'kept' });
      for (const attempt of [1, 2, 3]) {
        const lease = await world.claim();
        deepEqual([lease.id, lease.attempt, lease.payload], [id, attempt, 'again']);
        equal(await world.enqueue({ key: 'kept' }), null);
        equal(await world.backend.settle(lease, { kind: 'fail', error }), true);
      }
      deepEqual(await world.look(), []);
      deepEqual(await world.depth(), { ready: 0, active: 0, failed: 1 });
      ok(await world.enqueue({ key: 'kept' }));
    },
  },
  {
    title: 'a job may be retried without end',
    spec: { retries: 1_000_000_000 },
    async run(world) {
      await world.store();
      for (const attempt of [1, 2]) {
        const lease = await world.claim();
        deepEqual([lease.attempt, lease.attempts ?? 1_000_000_001], [attempt, 1_000_000_001]);
        await world.backend.settle(lease, { kind: 'fail', error, delay: 0 });
      }
      deepEqual(await world.depth(), { ready: 1, active: 0, failed: 0 });
    },
  },
  {
    title: 'the backoff passes before a retry',
    spec: { backoff: 2_000 },
    async run(world) {
      await world.enqueue();
      const lease = await world.claim();
      const before = performance.now();
      await world.backend.settle(lease, { kind: 'fail', error });
      await world.claim();
      const waited = performance.now() - before;
      ok(waited >= 950, `it was claimed again after ${waited} ms`);
    },
  },
  {
    title: 'the delay of a failure passes before its retry, which is at most a second late',
    spec: { backoff: 60_000 },
    async run(world) {
      await world.enqueue();
      const lease = await world.claim();
      const before = performance.now();
      await world.backend.settle(lease, { kind: 'fail', error, delay: 1_300 });
      const waited = await world.time(world.claim());
      const passed = performance.now() - before;
      ok(passed >= 1_250, `it was claimed again after ${passed} ms`);
      ok(waited < 2_500, `it was claimed again after ${waited} ms`);
    },
  },
  {
    title: 'a lease says how many runs its job may have, and how long it lasts',
    spec: { retries: 3, leaseTime: 20_000 },
    async run(world) {
      await world.enqueue();
      const { attempt, attempts = 4, leaseTime = 20_000 } = await world.claim();
      deepEqual({ attempt, attempts, leaseTime }, { attempt: 1, attempts: 4, leaseTime: 20_000 });
    },
  },
  {
    title: 'a final failure is not retried',
    spec: { retries: 5 },
    async run(world) {
      await world.enqueue();
      const lease = await world.claim();
      equal(await world.backend.settle(lease, { kind: 'fail', error, final: true }), true);
      deepEqual(await world.look(), []);
      deepEqual(await world.depth(), { ready: 0, active: 0, failed: 1 });
    },
  },
  {
    title: 'anything may have been thrown',
    spec: { retries: 0 },
    async run(world) {
      const unreadable = { get: down };
      const thrown = [
        undefined,
        null,
        'text',
        { message: 7 },
        new Error('\0 \uD800'),
        Object.defineProperties(new Error('unread'), { name: unreadable, message: unreadable }),
        new Proxy({}, { get: down, getPrototypeOf: down }),
      ];
      for (const each of thrown) {
        await world.enqueue();
        equal(await world.backend.settle(await world.claim(), { kind: 'fail', error: each }), true);
      }
      deepEqual(await world.depth(), { ready: 0, active: 0, failed: thrown.length });
    },
  },
  {
    title: 'a job that is handed back is ready at once, and no attempt is spent',
    spec: { retries: 0, backoff: 60_000 },
    async run(world) {
      const id = await world.enqueue();
      for (let count = 0; count < 4; count += 1) {
        const lease = await world.claim();
        deepEqual([lease.id, lease.attempt], [id, 1]);
        equal(await world.backend.settle(lease, { kind: 'release' }), true);
      }
      deepEqual(await world.depth(), { ready: 1, active: 0, failed: 0 });
    },
  },
  {
    title: 'a job that is handed back later keeps the attempts that it has spent',
    async run(world) {
      await world.enqueue();
      await world.backend.settle(await world.claim(), { kind: 'fail', error });
      const second = await world.claim();
      await world.backend.settle(second, { kind: 'release' });
      equal((await world.claim()).attempt, second.attempt);
    },
  },
  {
    title: 'a job that is handed back wakes a claim that waits',
    async run(world) {
      await world.enqueue();
      const lease = await world.claim();
      const claiming = world.claim();
      await world.backend.settle(lease, { kind: 'release' });
      const waited = await world.time(claiming);
      equal((await claiming).id, lease.id);
      ok(waited < 1_500, `it was claimed after ${waited} ms`);
    },
  },
];

function down(): never {
  throw new Error('The getter throws');
}
