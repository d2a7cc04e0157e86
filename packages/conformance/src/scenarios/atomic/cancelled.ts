import { JobCancelledError, JobTimeoutError, requestSignal } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { aborted, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { atomic, type Driver } from '../../driver.ts';
import { counted, unavailable } from '../../support/refused.ts';
import { serve } from '../../support/server.ts';

export function describeCancelled(driver: Driver): void {
  describe('an atomic handler that is cancelled', () => {
    it('by a drain and gives up is answered 503, as a JobCancelledError', async () => {
      const entered = deferred();
      const reason = deferred<unknown>();
      await using app = await serve(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            const signal = requestSignal(exchange.request);
            entered.resolve();
            await aborted(signal);
            reason.resolve(signal.reason);
            throw signal.reason;
          }),
        },
      });
      const answer = fetchFrom(app, '/');
      await entered.promise;
      await app.scheduler?.drain({ timeout: 0 });
      const { status, headers } = await answer;
      expect({ status, headers }).toEqual(unavailable);
      expect(await reason.promise).toBeInstanceOf(JobCancelledError);
      expect(app.told).toEqual([]);
    });

    it('while it is queued is answered 503, and not called', async () => {
      const slot = deferred();
      const { calls, routes } = counted();
      await using app = await serve(driver, { jobs: { limit: 1 }, routes });
      app.scheduler?.spawnNow(() => slot.promise);
      const answer = fetchFrom(app, '/');
      await until(() => app.scheduler?.pendingCount === 1);
      const drained = app.scheduler?.drain({ timeout: 0 });
      expect((await answer).status).toBe(503);
      slot.resolve();
      await drained;
      expect(calls()).toBe(0);
    });

    it('by its timeout and gives up is answered 503', async () => {
      const reason = deferred<unknown>();
      await using app = await serve(driver, {
        routes: {
          '/': atomic(
            async (exchange) => {
              const signal = requestSignal(exchange.request);
              await aborted(signal);
              reason.resolve(signal.reason);
              throw signal.reason;
            },
            { timeout: 1 },
          ),
        },
      });
      const { status, headers } = await fetchFrom(app, '/');
      expect({ status, headers }).toEqual(unavailable);
      expect(await reason.promise).toBeInstanceOf(JobTimeoutError);
      expect(app.told).toEqual([]);
    });

    it('by its timeout and goes on keeps its slot, and its answer is the handler’s', async () => {
      const timedOut = deferred();
      const release = deferred();
      await using app = await serve(driver, {
        jobs: { limit: 1 },
        routes: {
          '/': atomic(
            async (exchange) => {
              await aborted(requestSignal(exchange.request));
              timedOut.resolve();
              await release.promise;
              return exchange.answer('done all the same');
            },
            { timeout: 1 },
          ),
        },
      });
      const answer = fetchFrom(app, '/');
      await timedOut.promise;
      const next = app.scheduler?.spawnNow(() => {});
      expect([app.scheduler?.activeCount, next?.state]).toEqual([1, 'pending']);
      release.resolve();
      expect(await answer).toMatchObject({ status: 200, body: 'done all the same' });
    });

    it('and fails for another reason is answered 500, with that reason', async () => {
      await using app = await serve(driver, {
        routes: {
          '/': atomic(
            async (exchange) => {
              await aborted(requestSignal(exchange.request));
              throw new Error('rollback failed');
            },
            { timeout: 1 },
          ),
        },
      });
      expect((await fetchFrom(app, '/')).status).toBe(500);
      expect(app.reports).toEqual(['rollback failed']);
    });
  });
}
