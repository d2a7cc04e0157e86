import { fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { type Driver, native, type NativeHandler } from '../../driver.ts';
import { counted, unavailable } from '../../support/refused.ts';
import { serve } from '../../support/server.ts';

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
      // The job that has the slot ends when the answer has come, however long that takes.
      const jobs = { limit: 1, closeTimeout: 60_000 };
      await using app = await serve(driver, { defaultErrors, jobs, routes });
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

    it('is answered 503 with Retry-After when a drain ends while it waits for room', async () => {
      const { calls, routes } = counted({ overload: 'wait' });
      const arrived = deferred();
      const slot = deferred();
      await using app = await serve(driver, {
        defaultErrors,
        before: () => arrived.resolve(),
        jobs: { limit: 1, pendingLimit: 0 },
        routes,
      });
      app.scheduler?.spawnNow(() => slot.promise);
      const answer = fetchFrom(app, '/');
      await arrived.promise;
      await settled();
      const drained = app.scheduler?.drain({ timeout: 0 });
      const { status, headers } = await answer;
      expect({ status, headers }).toEqual(unavailable);
      slot.resolve();
      await drained;
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
          '/': native(async (...args) => {
            try {
              // Thrown by the call where the framework's error path takes it, else by the promise.
              await refused(...args);
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
}
