import type { ServerResponse } from 'node:http';
import { getScheduler } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { closed, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { type Driver, native, type NativeHandler } from '../../driver.ts';
import { serve } from '../../support/server.ts';

export function describeNested(driver: Driver): void {
  describe('an atomic handler below another of the same request', () => {
    it.each(['free', 'taken'])(
      'runs in its slot at limit 1, which was %s at first',
      async (slotWas) => {
        const slot = deferred();
        const counts: number[] = [];
        const inner: NativeHandler = driver.atomic(async (...args) => {
          const { request, answer } = driver.exchange(args);
          counts.push(getScheduler(request).activeCount);
          return answer('ok');
        });
        const outer = driver.atomic(async (...args) => inner(...args));
        await using app = await serve(driver, {
          jobs: { limit: 1, pendingLimit: 1 },
          routes: { '/': native(outer) },
        });
        if (slotWas === 'free') slot.resolve();
        app.scheduler?.spawnNow(() => (slotWas === 'free' ? undefined : slot.promise));
        const answer = fetchFrom(app, '/');
        if (slotWas === 'taken') await until(() => app.scheduler?.pendingCount === 1);
        slot.resolve();
        expect(await answer).toMatchObject({ status: 200, body: 'ok' });
        expect(counts).toEqual([1]);
      },
    );

    it('holds the slot until it has settled, though the outer settled before', async () => {
      const release = deferred();
      const entered = deferred<ServerResponse>();
      const inner: NativeHandler = driver.atomic(async (...args) => {
        const response = driver.exchange(args).takeOver();
        entered.resolve(response);
        response.end('early');
        await release.promise;
      });
      const outer = driver.atomic(async (...args) => {
        void inner(...args);
      });
      await using app = await serve(driver, {
        jobs: { limit: 1 },
        routes: { '/': native(outer) },
      });
      expect((await fetchFrom(app, '/')).body).toBe('early');
      await closed(await entered.promise);
      const next = app.scheduler?.spawnNow(() => 'next');
      expect([app.scheduler?.activeCount, next?.state]).toEqual([1, 'pending']);
      release.resolve();
      expect(await next?.wait()).toBe('next');
    });

    it.each<[string, () => void, string]>([
      ['returned', () => {}, 'resolved'],
      [
        'thrown',
        () => {
          throw new Error('boom');
        },
        'boom',
      ],
    ])('leaves nobody waiting for the outer one, which has %s before', async (_, end, outcome) => {
      const release = deferred();
      const entered = deferred();
      const inner: NativeHandler = driver.atomic(async () => {
        entered.resolve();
        await release.promise;
      });
      const outer = driver.atomic(async (...args) => {
        driver.exchange(args).takeOver().end('early');
        void inner(...args);
        end();
      });
      await using app = await serve(driver, {
        jobs: { limit: 1 },
        routes: { '/': native(outer) },
      });
      await fetchFrom(app, '/');
      await entered.promise;
      const [job] = app.scheduler ?? [];
      const waits = [job?.wait(), job?.wait({ timeout: 30_000 })];
      const told = waits.map(async (wait) => {
        try {
          await wait;
          return 'resolved';
        } catch (error) {
          return (error as Error).message;
        }
      });
      release.resolve();
      expect(await Promise.all(told)).toEqual([outcome, outcome]);
      await until(() => app.scheduler?.size === 0);
    });

    it.each<[string, () => { thenable: PromiseLike<unknown>; calls: () => number }]>([
      ['does something for each call of its then', () => counting(() => 'done')],
      [
        'throws from its then',
        () =>
          counting(() => {
            throw new Error('boom');
          }),
      ],
    ])('follows, once, what %s, and has its slot back', async (_, make) => {
      const { thenable, calls } = make();
      const inner: NativeHandler = driver.atomic((...args: unknown[]) => {
        driver.exchange(args).takeOver().end('ok');
        return thenable;
      });
      const outer = driver.atomic(async (...args) => {
        try {
          await inner(...args);
        } catch {
          // The outer handler's to deal with.
        }
      });
      await using app = await serve(driver, {
        jobs: { limit: 1 },
        routes: { '/': native(outer) },
      });
      expect((await fetchFrom(app, '/')).body).toBe('ok');
      await until(() => app.scheduler?.size === 0);
      expect(calls()).toBe(1);
    });
  });
}

/** A thenable that is no promise, and counts how often it is followed. */
function counting(settle: () => unknown): { thenable: PromiseLike<unknown>; calls: () => number } {
  let count = 0;
  const thenable = {
    // oxlint-disable-next-line unicorn/no-thenable -- what a query builder is
    then(onFulfilled: (value: unknown) => unknown) {
      count += 1;
      onFulfilled(settle());
    },
  };
  return { thenable: thenable as PromiseLike<unknown>, calls: () => count };
}
