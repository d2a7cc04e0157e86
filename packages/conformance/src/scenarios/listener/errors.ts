import { Client, fetchFrom, type Leaving } from '@outlive/test-support/client';
import { closed, settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import {
  atomic,
  type Driver,
  type Exchange,
  native,
  type NativeHandler,
  plain,
  type Route,
} from '../../driver.ts';
import { type Served, serve } from '../../support/server.ts';

/** What an app was told in the end, and has not been told twice. */
async function reportsOf(app: Served): Promise<string[]> {
  await until(() => app.reports.length > 0);
  await app.scheduler?.idle();
  await settled();
  return app.reports;
}

const generator = (function* () {
  yield 1;
})();
const generatorRefused =
  'The function returned a generator, whose body nobody runs: pass an async function that iterates over it';

const failures: readonly [string, () => unknown, string][] = [
  [
    'a rejection',
    async () => {
      throw new Error('boom');
    },
    'boom',
  ],
  [
    'a rejection after a while',
    async () => {
      await settled();
      throw new Error('boom');
    },
    'boom',
  ],
  [
    'a synchronous throw',
    () => {
      throw new Error('boom');
    },
    'boom',
  ],
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is the point
  ['a rejection with undefined', () => Promise.reject(undefined), 'Rejected promise'],
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is the point
  ['a rejection with null', () => Promise.reject(null), 'Rejected promise'],
  ['a generator, whose body nobody runs', () => generator, generatorRefused],
  ['a promise of a generator', async () => generator, generatorRefused],
];

function failing(fail: () => unknown): Route {
  return atomic(() => fail());
}

export function describeErrors(driver: Driver): void {
  describe('what an atomic handler throws', () => {
    describe.each(failures)('%s', (_, fail, message) => {
      it('reaches the framework’s error path once, and nobody else', async () => {
        await using app = await serve(driver, { routes: { '/': failing(fail) } });
        expect((await fetchFrom(app, '/')).status).toBe(500);
        expect(await reportsOf(app)).toEqual([message]);
        expect(app.told).toEqual([]);
      });

      it('reaches it once from the queue as well', async () => {
        const slot = deferred();
        await using app = await serve(driver, {
          jobs: { limit: 1 },
          routes: { '/': failing(fail) },
        });
        app.scheduler?.spawnNow(() => slot.promise);
        const answer = fetchFrom(app, '/');
        await until(() => app.scheduler?.pendingCount === 1);
        slot.resolve();
        expect((await answer).status).toBe(500);
        expect(await reportsOf(app)).toEqual([message]);
        expect(app.told).toEqual([]);
      });

      it('reaches it once from an atomic handler below another', async () => {
        const inner: NativeHandler = driver.atomic(() => fail());
        const outer = driver.atomic((...args) => inner(...args));
        await using app = await serve(driver, {
          routes: { '/': native(outer) },
        });
        expect((await fetchFrom(app, '/')).status).toBe(500);
        expect(await reportsOf(app)).toEqual([message]);
        expect(app.told).toEqual([]);
      });
    });

    it('is answered by the framework itself, where the app has no error handler', async () => {
      await using app = await serve(driver, {
        defaultErrors: true,
        routes: {
          '/': failing(async () => {
            throw Object.assign(new Error('no tea'), { status: 418, statusCode: 418 });
          }),
        },
      });
      expect((await fetchFrom(app, '/')).status).toBe(418);
    });

    it.each<[Leaving, 'GET' | 'POST']>([
      ['FIN', 'GET'],
      ['FIN', 'POST'],
      ['RST', 'GET'],
      ['RST', 'POST'],
    ])('after the client left by %s from a %s reaches the error path once', async (how, method) => {
      const entered = deferred<Exchange>();
      const release = deferred();
      await using app = await serve(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            entered.resolve(exchange);
            await release.promise;
            throw new Error('boom');
          }),
        },
      });
      using client = new Client(app);
      client.send(method, '/', { type: 'text/plain', text: 'hello' });
      const { req } = await entered.promise;
      client.leave(how);
      await closed(req.socket);
      // Koa tells of the reset connection by itself.
      await settled();
      const before = app.reports.length;
      release.resolve();
      await until(() => app.reports.length > before);
      await app.scheduler?.idle();
      await settled();
      expect(app.reports.slice(before)).toEqual(['boom']);
      expect(app.told).toEqual([]);
    });

    it('after the headers were sent is reported once', async () => {
      const entered = deferred<Exchange>();
      const release = deferred();
      await using app = await serve(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            exchange.takeOver().write('begun');
            entered.resolve(exchange);
            await release.promise;
            throw new Error('boom');
          }),
        },
      });
      using client = new Client(app);
      client.send('GET', '/');
      await client.answers(1, 'begun');
      release.resolve();
      const reports = await reportsOf(app);
      expect(reports.filter((each) => each.includes('boom'))).toHaveLength(1);
      expect(reports).toHaveLength(1);
      expect(app.told).toEqual([]);
    });

    it('after the response ended is reported once', async () => {
      await using app = await serve(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            exchange.takeOver().end('answered');
            await closed(exchange.res);
            throw new Error('boom');
          }),
        },
      });
      expect((await fetchFrom(app, '/')).body).toBe('answered');
      expect(await reportsOf(app)).toEqual(['boom']);
      expect(app.told).toEqual([]);
    });
  });

  describe('a server with failing handlers', () => {
    it('goes on serving', async () => {
      await using app = await serve(driver, {
        jobs: { limit: 1 },
        routes: {
          '/bad': failing(async () => {
            throw new Error('boom');
          }),
          '/good': atomic(async (exchange) => exchange.answer('ok')),
          '/plain': plain((exchange) => exchange.answer('ok')),
        },
      });
      for (const path of ['/bad', '/good', '/bad', '/plain', '/good']) {
        const { status } = await fetchFrom(app, path);
        expect([path, status]).toEqual([path, path === '/bad' ? 500 : 200]);
      }
      expect(app.scheduler).toMatchObject({ size: 0, activeCount: 0, pendingCount: 0 });
    });
  });
}
