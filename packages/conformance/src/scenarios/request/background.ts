import { type SchedulerClosedError, shield, spawn } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { closed, settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { type Driver, type Exchange, plain } from '../../driver.ts';
import { serve } from '../../support/server.ts';

export function describeBackground(driver: Driver): void {
  describe('spawn(request, fn)', () => {
    it('does not delay the response, and the job outlives it', async () => {
      const release = deferred();
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            const job = await spawn(exchange.request, () => release.promise, { name: 'slow' });
            return exchange.answer(`spawned ${job.name}`, 202);
          }),
        },
      });
      expect(await fetchFrom(app, '/')).toMatchObject({ status: 202, body: 'spawned slow' });
      expect(app.scheduler?.activeCount).toBe(1);
      release.resolve();
      await app.scheduler?.idle();
      expect(app.told).toEqual([]);
    });

    it('runs a job to its end, unaborted, though the client leaves', async () => {
      const entered = deferred<Exchange>();
      const left = deferred();
      const done = deferred<boolean>();
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            await spawn(exchange.request, async ({ signal }) => {
              await left.promise;
              done.resolve(signal.aborted);
            });
            entered.resolve(exchange);
            await left.promise;
            return exchange.answer('late');
          }),
        },
      });
      using client = new Client(app);
      client.send('GET', '/');
      const { req } = await entered.promise;
      client.leave('FIN');
      await closed(req.socket);
      left.resolve();
      expect(await done.promise).toBe(false);
      await app.scheduler?.idle();
    });

    it('waits for room at the pending limit, and answers when it has it', async () => {
      const gates = [deferred(), deferred()];
      const entered = deferred();
      const started: string[] = [];
      await using app = await serve(driver, {
        jobs: { limit: 1, pendingLimit: 1 },
        routes: {
          '/': plain(async (exchange) => {
            entered.resolve();
            await spawn(exchange.request, () => {
              started.push('request’s');
            });
            return exchange.answer('spawned');
          }),
        },
      });
      for (const { promise } of gates) app.scheduler?.spawnNow(() => promise);
      let answered = false;
      const answer = fetchFrom(app, '/').finally(() => {
        answered = true;
      });
      await entered.promise;
      await settled();
      expect({ answered, started }).toEqual({ answered: false, started: [] });
      gates[0]?.resolve();
      expect(await answer).toMatchObject({ status: 200, body: 'spawned' });
      gates[1]?.resolve();
      await app.scheduler?.idle();
      expect(started).toEqual(['request’s']);
    });

    it('rejects with SchedulerClosedError once the scheduler is closed', async () => {
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            const refused = spawn(exchange.request, () => {});
            return exchange.answer(
              await refused.then(String, ({ code }: SchedulerClosedError) => code),
            );
          }),
        },
      });
      await app.scheduler?.close();
      expect((await fetchFrom(app, '/')).body).toBe('ERR_SCHEDULER_CLOSED');
      expect(app.told).toEqual([]);
    });

    it('tells the exception handler of a job that failed, once, and nobody else', async () => {
      const error = new Error('the job failed');
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            await spawn(exchange.request, () => Promise.reject(error), { name: 'mail' });
            return exchange.answer('spawned', 202);
          }),
        },
      });
      expect((await fetchFrom(app, '/')).status).toBe(202);
      await until(() => app.told.length > 0);
      await settled();
      expect(app.told).toEqual([
        expect.objectContaining({
          message: 'Job processing failed',
          exception: error,
          job: expect.objectContaining({ name: 'mail', outcome: 'failed' }) as object,
        }),
      ]);
      expect(app.reports).toEqual([]);
    });
  });

  describe('shield(request, work)', () => {
    it('gives what the work gives', async () => {
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) =>
            exchange.answer(await shield(exchange.request, async () => 'paid')),
          ),
        },
      });
      expect((await fetchFrom(app, '/')).body).toBe('paid');
    });

    it('follows the work to its end though its caller gives up', async () => {
      const release = deferred();
      const controller = new AbortController();
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            const outer = shield(exchange.request, release.promise, { signal: controller.signal });
            controller.abort(new Error('given up'));
            return exchange.answer(await outer.then(String, (error: Error) => error.message));
          }),
        },
      });
      expect((await fetchFrom(app, '/')).body).toBe('given up');
      let idle = false;
      const whenIdle = app.scheduler?.idle().then(() => {
        idle = true;
      });
      await settled();
      expect(idle).toBe(false);
      release.resolve();
      await whenIdle;
    });
  });
}
