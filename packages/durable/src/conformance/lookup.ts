import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { StoredJob } from '../stored-job.ts';
import { pause } from '../util/waiting.ts';
import type { Case, World } from './world.ts';

const error = new TypeError('It fails on purpose');

export const lookupCases: readonly Case[] = [
  {
    title: 'a job is looked up at every point of its life',
    async run(world) {
      const before = Date.now() - 1_000;
      const begun = performance.now();
      const id = await world.store({ payload: { orderId: '7' }, delay: 3_000 });
      const delayed = await world.get(id);
      // On a machine that is busy enough its time may have come.
      const isEarly = performance.now() - begun < 3_000;
      const { createdAt, runAt = 0, state, ...rest } = delayed;
      deepEqual(rest, { id, name: world.name, attempt: 0, payload: { orderId: '7' } });
      ok(state === 'delayed' || (!isEarly && state === 'waiting'), state);
      ok(createdAt >= before && createdAt < Date.now() + 1_000);
      ok(Math.abs(runAt - createdAt - 3_000) < 50, `runAt ${runAt}, createdAt ${createdAt}`);
      let lease = await world.claim();
      const running = await world.get(id);
      deepEqual([running.state, running.attempt], ['running', 1]);
      ok((running.startedAt ?? 0) >= createdAt);
      equal(running.endedAt ?? running.runAt ?? running.error, undefined);
      await world.backend.settle(lease, { kind: 'fail', error, delay: 3_000 });
      const retrying = await world.get(id);
      deepEqual([retrying.state, retrying.attempt], ['retrying', 1]);
      deepEqual(
        [retrying.error?.name, retrying.error?.message, retrying.error?.stack],
        ['TypeError', error.message, error.stack],
      );
      ok((retrying.runAt ?? 0) > createdAt + 3_000);
      lease = await world.claim();
      deepEqual([(await world.get(id)).state, (await world.get(id)).attempt], ['running', 2]);
      await world.backend.settle(lease, { kind: 'done', result: { sent: true } });
      const completed = await world.get(id);
      deepEqual([completed.state, completed.attempt, completed.error], ['completed', 2, undefined]);
      deepEqual(completed.result, { sent: true });
      ok((completed.endedAt ?? 0) >= (completed.startedAt ?? Infinity));
    },
  },
  {
    title: 'a job that waits, was handed back, or failed for good, says so',
    spec: { retries: 0 },
    async run(world) {
      const id = await world.store();
      deepEqual([(await world.get(id)).state, (await world.get(id)).attempt], ['waiting', 0]);
      await world.backend.settle(await world.claim(), { kind: 'release' });
      const released = await world.get(id);
      deepEqual([released.state, released.attempt, released.startedAt], ['waiting', 0, undefined]);
      await world.backend.settle(await world.claim(), { kind: 'fail', error });
      const failed = await world.get(id);
      deepEqual([failed.state, failed.attempt, failed.error?.name], ['failed', 1, 'TypeError']);
      ok(failed.endedAt !== undefined);
    },
  },
  {
    title: 'results of every kind of JSON come back equal, and none is none',
    async run(world) {
      const results = [
        {},
        [],
        null,
        0,
        '',
        false,
        'Grüße 🌍',
        { a: [1, null] },
        'x'.repeat(65_000),
      ];
      for (const result of results) {
        const id = await world.store();
        await world.backend.settle(await world.claim(), { kind: 'done', result });
        deepEqual((await world.get(id)).result, result);
      }
      const id = await world.store();
      await world.backend.settle(await world.claim(), { kind: 'done', result: undefined });
      equal((await world.get(id)).result, undefined);
    },
  },
  {
    title: 'the last progress of a run is kept, with which process has it, while the lease is good',
    async run(world) {
      const { lookup, runs } = world.backend;
      const id = await world.store();
      const lease = await world.claim();
      for (const progress of [null, 0, 'halfway', { done: 7, of: [8] }, 'x'.repeat(65_000)]) {
        equal(await runs.progress(lease, progress), true);
        deepEqual((await world.get(id)).progress, progress);
      }
      ok((await world.get(id)).process?.endsWith(`:${process.pid}`));
      await world.backend.settle(lease, { kind: 'done' });
      equal(await runs.progress(lease, 'late'), false);
      equal((await lookup.get(id))?.progress, 'x'.repeat(65_000));
    },
  },
  {
    title: 'an id of no job is none, whatever it looks like',
    async run(world) {
      const { lookup, control } = world.backend;
      const stored = await world.store({ delay: 60_000 });
      const ids = [
        stored.toUpperCase(),
        `${stored} `,
        '3f1c0000-0000-7000-8000-000000000000',
        'meta',
        'wait',
        "'",
        'a:b',
        ' ',
        '*',
        '🌍',
      ];
      for (const id of ids) {
        equal(await lookup.get(id), undefined);
        equal(await control.retry(id), false);
        equal(await control.cancel(id), false);
        equal(await control.discard(id), false);
      }
      deepEqual(await lookup.ended(ids), ids);
    },
  },
  {
    title: 'jobs are listed the newest first, each on one page, also while others come and go',
    async run(world) {
      const ids: string[] = [];
      for (let count = 0; count < 9; count += 1) ids.push(await world.store({ delay: 60_000 }));
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await world.list({ limit: 2, after });
        seen.push(...page.jobs.map(({ id }) => id));
        after = page.next;
        if (seen.length === 2) {
          await world.store();
          // One that was seen, and one that was not.
          for (const id of [ids.at(-1), ids[3]]) {
            equal(await world.backend.control.discard(String(id)), true);
          }
        }
      } while (after !== undefined);
      deepEqual(seen, ids.filter((id) => id !== ids[3]).toReversed());
    },
  },
  {
    title: 'jobs are listed by their state, and all of them together',
    spec: { retries: 1 },
    async run(world) {
      const { backend } = world;
      const completed = await world.store();
      await backend.settle(await world.claim(), { kind: 'done' });
      const failed = await world.store();
      await backend.settle(await world.claim(), { kind: 'fail', error, final: true });
      const retrying = await world.store();
      await backend.settle(await world.claim(), { kind: 'fail', error, delay: 60_000 });
      const running = await world.store();
      await world.claim();
      const waiting = await world.store();
      const delayed = await world.store({ delay: 60_000 });
      const cancelled = await world.store();
      await backend.control.cancel(cancelled);
      const all = { completed, failed, retrying, running, waiting, delayed, cancelled };
      for (const [state, id] of Object.entries(all)) {
        const { jobs, next } = await world.list({ state: state as StoredJob['state'] });
        deepEqual([jobs.map((job) => [job.id, job.state]), next], [[[id, state]], undefined]);
      }
      const listed = await world.list({});
      deepEqual(
        listed.jobs.map(({ id }) => id),
        Object.values(all).toReversed(),
      );
      ok((await backend.lookup.list({ limit: 1_000 })).jobs.some(({ id }) => id === waiting));
      deepEqual(await backend.lookup.ended(Object.values(all)), [completed, failed, cancelled]);
    },
  },
  {
    title: 'a page begins at the end of another one only',
    async run(world) {
      const [id] = [await world.store(), await world.store()];
      const { next = '' } = await world.list({ limit: 1 });
      equal((await world.list({ after: next })).jobs[0]?.id, id);
      const others = ['', 'x', 'bm90aGluZw', '12345', '🌍'];
      // What a user may take for one, and what is left of one.
      const changed = [
        `${next}!`,
        ` ${next}`,
        `${next}=`,
        next.slice(1),
        next.slice(0, -2),
        next + next,
      ];
      const invented = ['1', '17', id].map((each) => {
        return Buffer.from(`${Date.now()} ${each}`).toString('base64url');
      });
      for (const after of [...others, ...changed, ...invented, id]) {
        await rejects(async () => world.list({ after }), {
          name: 'RangeError',
          message: /`after`/,
        });
      }
    },
  },
  {
    title:
      'how long jobs are kept after their end is a time or a number, for failed ones and others apart',
    spec: {
      retries: 0,
      keep: { completed: { age: 500, count: Infinity }, failed: { age: Infinity, count: 2 } },
    },
    async run(world) {
      await world.store();
      await world.backend.settle(await world.claim(), { kind: 'done' });
      // Those that failed and those that were cancelled are counted together.
      const ended: string[] = [];
      for (const isCancelled of [true, false, false, true, false, true]) {
        const id = await world.store();
        ended.push(id);
        if (isCancelled) await world.backend.control.cancel(id);
        else await world.backend.settle(await world.claim(), { kind: 'fail', error });
        await pause(5);
      }
      const waiting = await world.store({ delay: 60_000 });
      const kept = [...ended.slice(4), waiting].toReversed();
      await untilListed(world, kept, 30_000);
    },
  },
];

async function untilListed(world: World, ids: readonly string[], within: number): Promise<void> {
  const until = performance.now() + within;
  for (;;) {
    const listed = (await world.list({})).jobs.map(({ id }) => id);
    if (listed.length === ids.length || performance.now() > until) {
      deepEqual(listed, ids);
      return;
    }
    await pause(100);
  }
}
