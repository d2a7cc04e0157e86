import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Lease, Outcome, Settlement } from '../backend.ts';
import { diedRun } from '../engines/lost-jobs.ts';
import { pause } from '../util/waiting.ts';
import type { Case } from './world.ts';

const error = new Error('It fails on purpose');
const outcomes: readonly Outcome[] = [
  { kind: 'done' },
  { kind: 'fail', error },
  { kind: 'fail', error, final: true },
];

export const leaseCases: readonly Case[] = [
  {
    title: 'a lease that has ended cannot be settled or renewed',
    async run(world) {
      await world.enqueue();
      const lease = await world.claim();
      deepEqual(await world.backend.renew([lease]), []);
      await world.backend.settle(lease, { kind: 'done' });
      for (const outcome of outcomes) equal(await world.backend.settle(lease, outcome), false);
      deepEqual(await world.backend.renew([lease]), [lease]);
    },
  },
  {
    title: 'an end that lends out the next job does so for a lease that is still good alone',
    async run(world) {
      const { settleAndClaim } = world.backend;
      if (settleAndClaim === undefined) return;
      const end = async (lease: Lease): Promise<Settlement> =>
        settleAndClaim.call(world.backend, lease, { kind: 'done' });
      const ids = [await world.enqueue({ payload: 1 }), await world.enqueue({ payload: 2 })];
      const first = await world.claim();
      const { wasGood, next } = await end(first);
      equal(wasGood, true);
      await world.enqueue({ payload: 3 });
      // A store may leave the next job to a claim.
      const second = next ?? (await world.claim());
      deepEqual([first.id, second.id], ids);
      deepEqual([second.name, second.payload, second.attempt], [world.name, 2, 1]);
      deepEqual(await end(first), { wasGood: false });
      deepEqual(await world.depth(), { ready: 1, active: 1, failed: 0 });
      deepEqual(await world.backend.renew([second]), []);
      equal(await world.backend.settle(second, { kind: 'release' }), true);
    },
  },
  {
    title: 'an old lease does nothing to the next attempt',
    async run(world) {
      await world.enqueue();
      const first = await world.claim();
      await world.backend.settle(first, { kind: 'fail', error });
      for (const outcome of outcomes) equal(await world.backend.settle(first, outcome), false);
      const second = await world.claim();
      for (const outcome of outcomes) equal(await world.backend.settle(first, outcome), false);
      deepEqual(await world.backend.renew([first, second]), [first]);
      equal(await world.backend.settle(second, { kind: 'done' }), true);
      deepEqual(await world.depth(), { ready: 0, active: 0, failed: 0 });
    },
  },
  {
    title:
      'a lease that is not renewed is lent out anew, one that is renewed is not, and with the last run of a job it is told that it died',
    async run(world) {
      const doomed = await world.enqueue({ payload: 'doomed' });
      await world.backend.settle(await world.claim(), { kind: 'fail', error, delay: 0 });
      equal((await world.claim()).attempt, 2);
      const [renewed, forgotten] = [await world.enqueue(), await world.enqueue()];
      const leases = await world.claimAll(2);
      const kept = leases.filter(({ id }) => id === renewed);
      const lost = leases.filter(({ id }) => id === forgotten);
      const claiming = world.claim(30_000);
      const claimedAgain = claiming.then(() => true);
      while (!(await Promise.race([claimedAgain, pause(2_000)]))) {
        deepEqual(await world.backend.renew(kept), []);
      }
      const again = await claiming;
      equal(again.id, forgotten);
      ok(again.attempt <= 2);
      while (world.died.length === 0) {
        deepEqual(await world.look(), []);
        deepEqual(await world.backend.renew([...kept, again]), []);
      }
      const told = world.died.map(({ id, payload, attempt }) => ({ id, payload, attempt }));
      deepEqual(told, [{ id: doomed, payload: 'doomed', attempt: 2 }]);
      const { name, message } = diedRun();
      const { state, error: stored } = await world.get(String(doomed));
      deepEqual([state, stored?.name, stored?.message], ['failed', name, message]);
      for (const lease of lost) equal(await world.backend.settle(lease, { kind: 'done' }), false);
      for (const lease of [...kept, again]) {
        equal(await world.backend.settle(lease, { kind: 'done' }), true);
      }
    },
  },
];
