import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Outcome } from '../backend.ts';
import { pause } from '../util/waiting.ts';
import type { Case } from './world.ts';

const error = new TypeError('It fails on purpose');
const none = { ready: 0, active: 0, failed: 0 };

export const controlCases: readonly Case[] = [
  {
    title: 'a job that has not begun is cancelled at once, and frees its key',
    async run(world) {
      const { control } = world.backend;
      const retrying = await world.store({ key: 'retrying' });
      await world.backend.settle(await world.claim(), { kind: 'fail', error, delay: 60_000 });
      const waiting = await world.store({ key: 'waiting' });
      const delayed = await world.store({ key: 'delayed', delay: 60_000 });
      for (const id of [retrying, waiting, delayed]) {
        equal(await control.cancel(id), true);
        const job = await world.get(id);
        equal(job.state, 'cancelled');
        ok(job.endedAt !== undefined && job.runAt === undefined);
        equal(await control.cancel(id), false);
      }
      deepEqual(await world.look(), []);
      deepEqual(await world.depth(), none);
      for (const key of ['retrying', 'waiting', 'delayed']) ok(await world.enqueue({ key }));
    },
  },
  {
    title:
      'a job that runs is to be cancelled, as its process is told, and its end says how it ended',
    async run(world) {
      const { control, runs } = world.backend;
      const other = await world.store();
      const otherLease = await world.claim();
      const ends: readonly [Outcome, string][] = [
        [{ kind: 'cancel', error }, 'cancelled'],
        [{ kind: 'done', result: 1 }, 'completed'],
        // Of processes that did not know yet.
        [{ kind: 'fail', error }, 'cancelled'],
        [{ kind: 'fail', error, delay: 0 }, 'cancelled'],
        [{ kind: 'release' }, 'cancelled'],
      ];
      for (const [outcome, state] of ends) {
        const id = await world.store({ key: 'running' });
        const lease = await world.claim();
        deepEqual(await runs.cancelled([lease, otherLease]), []);
        equal(await control.cancel(id), true);
        equal(await control.cancel(id), true);
        deepEqual(await runs.cancelled([lease, otherLease]), [lease]);
        deepEqual(await runs.cancelled([lease, otherLease]), [lease]);
        equal((await world.get(id)).state, 'running');
        equal(await world.backend.settle(lease, outcome), true);
        deepEqual(await world.look(), []);
        equal((await world.get(id)).state, state);
        equal(await control.cancel(id), false);
      }
      equal((await world.get(other)).state, 'running');
      deepEqual(await world.depth(), { ...none, active: 1 });
    },
  },
  {
    title: 'a job that failed, or was cancelled, begins anew with all its attempts',
    spec: { retries: 1 },
    async run(world) {
      const { control, runs } = world.backend;
      const failed = await world.store({ payload: 'again', key: 'kept' });
      equal(await control.retry(failed), false);
      for (let attempt = 1; attempt <= 2; attempt += 1) {
        const lease = await world.claim();
        await runs.progress(lease, attempt);
        equal(await control.retry(failed), false);
        await world.backend.settle(lease, { kind: 'fail', error });
      }
      equal(await control.retry(failed), true);
      const { createdAt, ...job } = await world.get(failed);
      const { name } = world;
      deepEqual(job, { id: failed, name, state: 'waiting', attempt: 0, payload: 'again' });
      ok(createdAt > 0);
      equal(await world.enqueue({ key: 'kept' }), null);
      for (const attempt of [1, 2]) {
        const lease = await world.claim();
        deepEqual([lease.id, lease.attempt, lease.payload], [failed, attempt, 'again']);
        await world.backend.settle(lease, { kind: 'fail', error });
      }
      equal((await world.get(failed)).state, 'failed');
      equal(await control.retry(failed), true);
      equal(await control.cancel(failed), true);
      equal(await control.retry(failed), true);
      const last = await world.claim();
      await world.backend.settle(last, { kind: 'fail', error, final: true });
      equal(await control.retry(failed), true);
      // With its attempts: the last end had denied them.
      await world.backend.settle(await world.claim(), { kind: 'fail', error });
      await world.backend.settle(await world.claim(), { kind: 'done' });
      equal((await world.get(failed)).state, 'completed');
      equal(await control.retry(failed), false);
      deepEqual(await world.depth(), none);
    },
  },
  {
    title: 'a job that was cancelled while it ran runs when it is retried',
    async run(world) {
      const { control, runs } = world.backend;
      const id = await world.store();
      const lease = await world.claim();
      await control.cancel(id);
      await world.backend.settle(lease, { kind: 'cancel', error });
      equal(await control.retry(id), true);
      const again = await world.claim();
      deepEqual([again.id, again.attempt], [id, 1]);
      deepEqual(await runs.cancelled([again]), []);
      equal(await world.backend.settle(again, { kind: 'done' }), true);
    },
  },
  {
    title: 'a job whose key another one has by now is not retried',
    spec: { retries: 0 },
    async run(world) {
      const { control } = world.backend;
      const id = await world.store({ key: 'taken' });
      await world.backend.settle(await world.claim(), { kind: 'fail', error });
      const other = await world.store({ key: 'taken' });
      equal(await control.retry(id), false);
      equal(await control.retryAll({ name: world.name }), 0);
      equal((await world.get(id)).state, 'failed');
      deepEqual(
        [(await world.get(other)).state, await world.depth()],
        ['waiting', { ...none, ready: 1, failed: 1 }],
      );
      equal(await control.discard(other), true);
      equal(await control.retry(id), true);
      equal(await world.enqueue({ key: 'taken' }), null);
    },
  },
  {
    title:
      'of several failed jobs with one key the first that was stored is retried, and then the next one',
    spec: { retries: 0 },
    async run(world) {
      const { control } = world.backend;
      const fail = async (): Promise<string> => {
        const lease = await world.claim();
        await world.backend.settle(lease, { kind: 'fail', error });
        return lease.id;
      };
      const ids: string[] = [];
      for (let count = 0; count < 3; count += 1) {
        ids.push(await world.store({ key: 'one' }));
        await fail();
      }
      // The first is now the one that has failed last.
      equal(await control.retry(String(ids[0])), true);
      await fail();
      equal(await control.retryAll({ name: world.name }), 1);
      const lease = await world.claim();
      equal(lease.id, ids[0]);
      await world.backend.settle(lease, { kind: 'done' });
      equal(await control.retryAll({ name: world.name }), 1);
      equal((await world.claim()).id, ids[1]);
    },
  },
  {
    title: 'all failed jobs of a name are retried, or those of one error',
    spec: { retries: 0 },
    async run(world) {
      const { control } = world.backend;
      const fail = async (thrown: Error): Promise<string> => {
        const id = await world.store();
        await world.backend.settle(await world.claim(), { kind: 'fail', error: thrown });
        return id;
      };
      await fail(new TypeError('ECONNREFUSED 10.0.0.1'));
      await fail(new Error("it's ECONNREFUSED, 100%"));
      await fail(new RangeError('too many'));
      const cancelled = await world.store();
      await control.cancel(cancelled);
      const { name } = world;
      equal(await control.retryAll({ name, error: 'nothing like it' }), 0);
      equal(await control.retryAll({ name, error: "it's ECONNREFUSED, 100%" }), 1);
      equal(await control.retryAll({ name, error: 'RangeError' }), 1);
      deepEqual(await world.depth(), { ...none, ready: 2, failed: 1 });
      equal(await control.retryAll({ name }), 1);
      equal(await control.retryAll({ name }), 0);
      equal((await world.get(cancelled)).state, 'cancelled');
      equal((await world.claimAll(3)).length, 3);
    },
  },
  {
    title: 'a job that does not run is deleted without a trace',
    spec: { retries: 0 },
    async run(world) {
      const { control, lookup } = world.backend;
      const completed = await world.store();
      await world.backend.settle(await world.claim(), { kind: 'done' });
      const failed = await world.store();
      await world.backend.settle(await world.claim(), { kind: 'fail', error });
      const running = await world.store({ key: 'running' });
      const lease = await world.claim();
      const waiting = await world.store({ key: 'waiting' });
      const delayed = await world.store({ key: 'delayed', delay: 60_000 });
      const cancelled = await world.store();
      await control.cancel(cancelled);
      for (const id of [completed, failed, waiting, delayed, cancelled]) {
        equal(await control.discard(id), true);
        equal(await lookup.get(id), undefined);
        equal(await control.discard(id), false);
      }
      equal(await control.discard(running), false);
      equal(await world.backend.settle(lease, { kind: 'done' }), true);
      deepEqual(await world.look(), []);
      deepEqual(await world.depth(), none);
      for (const key of ['waiting', 'delayed']) ok(await world.enqueue({ key }));
    },
  },
  {
    title: 'a name that is stopped lends no jobs, until it goes on',
    async run(world) {
      const { control } = world.backend;
      const running = await world.store();
      const lease = await world.claim();
      await control.pause(world.name);
      await control.pause(world.name);
      const ids = [await world.store(), await world.store()];
      deepEqual(await world.look(), []);
      await pause(2_500); // longer than between two looks without a notification
      deepEqual(await world.look(), []);
      deepEqual(await world.depth(), { ...none, ready: 2, active: 1, paused: true });
      equal((await world.backend.lookup.depth())[world.name]?.paused, true);
      equal(await world.backend.settle(lease, { kind: 'done' }), true);
      equal((await world.get(running)).state, 'completed');
      const claiming = world.claimAll(2);
      await pause(100);
      await control.resume(world.name);
      deepEqual((await claiming).map(({ id }) => id).toSorted(), ids.toSorted());
      await control.resume(world.name);
      deepEqual(await world.depth(), { ...none, active: 2 });
    },
  },
];
