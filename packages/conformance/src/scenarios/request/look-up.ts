import supertest from 'supertest';
import {
  after,
  disconnectSignal,
  getScheduler,
  getSchedulerFromRequest,
  requestSignal,
  Scheduler,
  SchedulerMissingError,
  shield,
  spawn,
} from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { closed } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { atomic, type Driver, type Exchange, plain } from '../../driver.ts';
import { built, serve } from '../../support/server.ts';

/** Says whose scheduler it finds. */
const whose = plain((exchange) => exchange.answer(getScheduler(exchange.request).name ?? 'none'));

export function describeLookUp(driver: Driver): void {
  describe('the scheduler of a request', () => {
    it('is that of the middleware, found by the framework’s request and by node’s', async () => {
      const entered = deferred<Exchange>();
      await using app = await serve(driver, {
        routes: {
          '/': plain((exchange) => {
            entered.resolve(exchange);
            return exchange.answer('ok');
          }),
        },
      });
      await fetchFrom(app, '/');
      const { request, req } = await entered.promise;
      expect(app.scheduler).toBeInstanceOf(Scheduler);
      expect(getScheduler(request)).toBe(app.scheduler);
      expect(getSchedulerFromRequest(request)).toBe(app.scheduler);
      expect(getSchedulerFromRequest(req)).toBe(app.scheduler);
    });

    it('is the one that was passed in', async () => {
      const scheduler = new Scheduler({ name: 'mine' });
      await using app = await serve(driver, { jobs: { scheduler }, routes: { '/': whose } });
      expect(app.scheduler).toBe(scheduler);
      expect(await fetchFrom(app, '/')).toMatchObject({ status: 200, body: 'mine' });
    });

    it('is found after the response has ended', async () => {
      const entered = deferred<Exchange>();
      await using app = await serve(driver, {
        routes: {
          '/': plain((exchange) => {
            entered.resolve(exchange);
            return exchange.answer('ok');
          }),
        },
      });
      await fetchFrom(app, '/');
      const { request, res } = await entered.promise;
      await closed(res);
      expect(getScheduler(request)).toBe(app.scheduler);
      expect(await (await spawn(request, () => 'late')).wait()).toBe('late');
    });

    it('is found after the client has left', async () => {
      const entered = deferred<Exchange>();
      const leave = deferred();
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            entered.resolve(exchange);
            await leave.promise;
            return exchange.answer('late');
          }),
        },
      });
      using client = new Client(app);
      client.send('GET', '/');
      const { request, req } = await entered.promise;
      client.leave('FIN');
      await closed(req.socket);
      expect(getScheduler(request)).toBe(app.scheduler);
      expect(await (await spawn(request, () => 'late')).wait()).toBe('late');
      leave.resolve();
    });
  });

  describe.each(driver.nestings)('within %s', (nesting) => {
    it('the inner scheduler wins', async () => {
      await using app = await serve(driver, {
        jobs: { name: 'outer' },
        routes: { '/': whose },
        inner: { nesting, jobs: { name: 'inner' }, routes: { '/jobs': whose } },
      });
      expect(await fetchFrom(app, '/inner/jobs')).toMatchObject({ status: 200, body: 'inner' });
      expect(await fetchFrom(app, '/')).toMatchObject({ status: 200, body: 'outer' });
    });

    it('without an own scheduler the outer is found', async () => {
      await using app = await serve(driver, {
        jobs: { name: 'outer' },
        inner: { nesting, jobs: false, routes: { '/jobs': whose } },
      });
      expect(await fetchFrom(app, '/inner/jobs')).toMatchObject({ status: 200, body: 'outer' });
    });

    it('without an outer scheduler the inner is found, and none outside', async () => {
      await using app = await serve(driver, {
        jobs: false,
        routes: {
          '/': plain((exchange) =>
            exchange.answer(getSchedulerFromRequest(exchange.request)?.name ?? 'none'),
          ),
        },
        inner: { nesting, jobs: { name: 'inner' }, routes: { '/jobs': whose } },
      });
      expect(await fetchFrom(app, '/inner/jobs')).toMatchObject({ status: 200, body: 'inner' });
      expect(await fetchFrom(app, '/')).toMatchObject({ status: 200, body: 'none' });
    });
  });

  describe('in tests of the app', () => {
    it('supertest finds the scheduler through the app, a listening server and an agent', async () => {
      await using app = await built(driver, { jobs: { name: 'mine' }, routes: { '/': whose } });
      const agent = supertest.agent(app.target);
      for (const call of [supertest(app.target), supertest(app.target), agent, agent]) {
        const { status, text } = await call.get('/');
        expect([status, text]).toEqual([200, 'mine']);
      }
      const { text } = await supertest(await app.listen()).get('/');
      expect(text).toBe('mine');
    });

    it('supertest sees the answer of a handler that spawned, and its jobs are done', async () => {
      const done: string[] = [];
      await using app = await built(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            after(exchange.request, () => done.push('after'));
            await spawn(exchange.request, () => done.push('job'));
            return exchange.answer('ok', 202);
          }),
        },
      });
      const { status } = await supertest(app.target).get('/');
      expect(status).toBe(202);
      await app.scheduler?.idle();
      expect(done).toEqual(['job', 'after']);
    });

    it('supertest sees the answer while a job is held back, under drainOnClose: false', async () => {
      const release = deferred();
      await using app = await built(driver, {
        jobs: { drainOnClose: false },
        routes: {
          '/': plain(async (exchange) => {
            await spawn(exchange.request, () => release.promise);
            return exchange.answer('ok', 202);
          }),
        },
      });
      const { status } = await supertest(app.target).get('/');
      expect([status, app.scheduler?.activeCount]).toEqual([202, 1]);
      release.resolve();
      await app.scheduler?.idle();
    });
  });

  describe('without the jobs middleware', () => {
    it('every verb throws SchedulerMissingError, which names the line to add', async () => {
      const entered = deferred<Exchange>();
      await using app = await serve(driver, {
        jobs: false,
        routes: {
          '/': plain((exchange) => {
            entered.resolve(exchange);
            return exchange.answer('ok');
          }),
        },
      });
      await fetchFrom(app, '/');
      const { request } = await entered.promise;
      expect(getSchedulerFromRequest(request)).toBeUndefined();
      const calls = [
        () => getScheduler(request),
        () => spawn(request, () => {}),
        () => shield(request, () => {}),
        () => after(request, () => {}),
        () => disconnectSignal(request),
        () => requestSignal(request),
      ];
      for (const call of calls) {
        expect(call).toThrow(SchedulerMissingError);
        expect(call).toThrow(
          expect.objectContaining({
            code: 'ERR_SCHEDULER_MISSING',
            message: expect.stringContaining(
              driver.name === 'node:http' ? 'jobsListener(listener)' : 'jobsMiddleware()',
            ) as string,
          }) as Error,
        );
      }
    });

    it('an atomic handler reports it and is not called', async () => {
      let calls = 0;
      await using app = await serve(driver, {
        jobs: false,
        routes: {
          '/': atomic((exchange) => {
            calls += 1;
            return exchange.answer('ok');
          }),
        },
      });
      const { status } = await fetchFrom(app, '/');
      expect(status).toBe(500);
      expect(calls).toBe(0);
      expect(app.reports).toEqual([expect.stringContaining('No scheduler for this request')]);
    });
  });
}
