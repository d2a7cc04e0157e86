import type { ServerResponse } from 'node:http';
import { getScheduler } from '@outlive/http';
import { type Driver, native, type NativeHandler } from '../driver.ts';
import { fetchFrom } from '../support/client.ts';
import { closed, until } from '../support/conditions.ts';
import { deferred } from '../support/deferred.ts';
import { serve } from '../support/server.ts';

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
  });
}
