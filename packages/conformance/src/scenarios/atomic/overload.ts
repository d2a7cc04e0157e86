import { JobCancelledError, JobTimeoutError, requestSignal } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { aborted, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { atomic, type Driver, native, type NativeHandler, type SetUp } from '../../driver.ts';
import { serve } from '../../support/server.ts';

/** A route whose calls are counted. */
function counted(options?: Parameters<typeof atomic>[1]): {
  calls: () => number;
  routes: NonNullable<SetUp['routes']>;
} {
  let calls = 0;
  const route = atomic(async (exchange) => {
    calls += 1;
    return exchange.answer('ok');
  }, options);
  return { calls: () => calls, routes: { '/': route } };
}

const unavailable = {
  status: 503,
  headers: expect.objectContaining({ 'retry-after': '1' }) as object,
};

export function describeOverload(driver: Driver): void {
  describe.each([
    ['the framework’s own answer to errors', true],
    ['an error handler of the app', false],
  ])('an atomic handler for which there is no room, under %s', (_, defaultErrors) => {
    it('is answered 503 with Retry-After, and not called', async () => {
      const slot = deferred();
      const { calls, routes } = counted();
      await using app = await serve(driver, {
        defaultErrors,
        jobs: { limit: 1, pendingLimit: 0 },
        routes,
      });
      app.scheduler?.spawnNow(() => slot.promise);
      const { status, headers } = await fetchFrom(app, '/');
      expect({ status, headers }).toEqual(unavailable);
      expect(calls()).toBe(0);
      expect(app.told).toEqual([]);
      slot.resolve();
      await app.scheduler?.idle();
      expect((await fetchFrom(app, '/')).status).toBe(200);
    });

    it('is answered 503 with Retry-After when the scheduler is closed', async () => {
      const { calls, routes } = counted();
      await using app = await serve(driver, { defaultErrors, routes });
      await app.scheduler?.close();
      const { status, headers } = await fetchFrom(app, '/');
      expect({ status, headers }).toEqual(unavailable);
      expect(calls()).toBe(0);
    });

    it('is answered 503 with Retry-After when the scheduler closes while it is queued', async () => {
      const slot = deferred();
      const { calls, routes } = counted();
      await using app = await serve(driver, { defaultErrors, jobs: { limit: 1 }, routes });
      app.scheduler?.spawnNow(() => slot.promise);
      const answer = fetchFrom(app, '/');
      await until(() => app.scheduler?.pendingCount === 1);
      const closing = app.scheduler?.close();
      const { status, headers } = await answer;
      expect({ status, headers }).toEqual(unavailable);
      slot.resolve();
      await closing;
      expect(calls()).toBe(0);
      expect(app.told).toEqual([]);
    });

    it('is answered 503 with Retry-After when the scheduler closes while it waits for room', async () => {
      const slot = deferred();
      const arrived = deferred();
      const { calls, routes } = counted({ overload: 'wait' });
      await using app = await serve(driver, {
        defaultErrors,
        before: () => arrived.resolve(),
        jobs: { limit: 1, pendingLimit: 0 },
        routes,
      });
      app.scheduler?.spawnNow(() => slot.promise);
      const answer = fetchFrom(app, '/');
      await arrived.promise;
      const closing = app.scheduler?.close();
      const { status, headers } = await answer;
      expect({ status, headers }).toEqual(unavailable);
      slot.resolve();
      await closing;
      expect(calls()).toBe(0);
    });
  });

  describe('the error of a refused atomic handler', () => {
    it('carries status, expose and headers for the framework to read', async () => {
      const caught = deferred<unknown>();
      const refused: NativeHandler = driver.atomic(async () => {});
      await using app = await serve(driver, {
        jobs: { limit: 1, pendingLimit: 0 },
        routes: {
          '/': native((...args) => {
            try {
              void refused(...args);
            } catch (error) {
              caught.resolve(error);
            }
            return driver.exchange(args).answer('caught');
          }),
        },
      });
      const slot = deferred();
      app.scheduler?.spawnNow(() => slot.promise);
      await fetchFrom(app, '/');
      expect(await caught.promise).toMatchObject({
        code: 'ERR_PENDING_LIMIT',
        status: 503,
        statusCode: 503,
        expose: true,
        headers: { 'Retry-After': '1' },
      });
      slot.resolve();
    });

    it('says that the scheduler is closed, also when it closed while the handler was queued', async () => {
      const slot = deferred();
      const { routes } = counted();
      await using app = await serve(driver, { jobs: { limit: 1 }, routes });
      app.scheduler?.spawnNow(() => slot.promise);
      const queued = fetchFrom(app, '/');
      await until(() => app.scheduler?.pendingCount === 1);
      const closing = app.scheduler?.close();
      await Promise.all([queued, fetchFrom(app, '/')]);
      slot.resolve();
      await closing;
      // On node:http an error that the client is meant to see is told to nobody else.
      const told = driver.hasErrorPath
        ? ['The scheduler is closed', 'The scheduler is closed']
        : [];
      expect(app.reports).toEqual(told);
    });
  });

  describe('overload: wait', () => {
    it('waits for room and is answered then', async () => {
      const slot = deferred();
      const arrived = deferred();
      const { calls, routes } = counted({ overload: 'wait' });
      await using app = await serve(driver, {
        before: () => arrived.resolve(),
        jobs: { limit: 1, pendingLimit: 0 },
        routes,
      });
      app.scheduler?.spawnNow(() => slot.promise);
      const answer = fetchFrom(app, '/');
      await arrived.promise;
      expect(calls()).toBe(0);
      slot.resolve();
      expect(await answer).toMatchObject({ status: 200, body: 'ok' });
      expect(calls()).toBe(1);
    });
  });

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
