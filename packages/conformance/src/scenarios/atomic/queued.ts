import { AsyncLocalStorage } from 'node:async_hooks';
import { disconnectSignal } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { closed, settled, until } from '@outlive/test-support/conditions';
import { deferred, type Deferred } from '@outlive/test-support/deferred';
import { atomic, type Driver, type Exchange, native, type NativeHandler } from '../../driver.ts';
import { type Served, serve } from '../../support/server.ts';

interface Queued extends AsyncDisposable {
  readonly app: Served;
  readonly calls: Exchange[];
  readonly slot: Deferred<void>;
}

/** An app whose only slot is taken, and whose client has left an atomic handler in the queue. */
async function leftInQueue(driver: Driver, skipDisconnected: boolean): Promise<Queued> {
  const arrived = deferred<Exchange>();
  const calls: Exchange[] = [];
  const app = await serve(driver, {
    jobs: { limit: 1 },
    before: arrived.resolve,
    routes: {
      '/': atomic(
        async (exchange) => {
          calls.push(exchange);
          return exchange.answer('late');
        },
        { skipDisconnected },
      ),
    },
  });
  const slot = deferred();
  app.scheduler?.spawnNow(() => slot.promise);
  const client = new Client(app);
  client.send('POST', '/', { type: 'text/plain', text: 'hello' });
  const { req } = await arrived.promise;
  await until(() => app.scheduler?.pendingCount === 1);
  client.leave('FIN');
  await closed(req.socket);
  await settled();
  return {
    app,
    calls,
    slot,
    [Symbol.asyncDispose]: () => Promise.resolve(app[Symbol.asyncDispose]()),
  };
}

export function describeQueued(driver: Driver): void {
  describe('an atomic handler that is queued', () => {
    it('runs when a slot is free, and is answered then', async () => {
      const slot = deferred();
      await using app = await serve(driver, {
        jobs: { limit: 1 },
        routes: {
          '/async': atomic(async (exchange) => exchange.answer('from async', 201)),
          '/sync': atomic((exchange) => exchange.answer('from sync', 201)),
        },
      });
      app.scheduler?.spawnNow(() => slot.promise);
      const answers = [fetchFrom(app, '/async'), fetchFrom(app, '/sync')];
      await until(() => app.scheduler?.pendingCount === 2);
      slot.resolve();
      expect(await Promise.all(answers)).toMatchObject([
        { status: 201, body: 'from async' },
        { status: 201, body: 'from sync' },
      ]);
    });

    it('sees the AsyncLocalStorage of its own request', async () => {
      const storage = new AsyncLocalStorage<string>();
      const slot = deferred();
      const handler: NativeHandler = driver.atomic(async (...args: unknown[]) => {
        await settled();
        return driver.exchange(args).answer(storage.getStore() ?? 'none');
      });
      const within = (id: string) => native((...args) => storage.run(id, handler, ...args));
      await using app = await serve(driver, {
        jobs: { limit: 1 },
        routes: { '/a': within('a'), '/b': within('b') },
      });
      app.scheduler?.spawnNow(() => slot.promise);
      const answers = ['/a', '/b'].map((path) => fetchFrom(app, path));
      await until(() => app.scheduler?.pendingCount === 2);
      slot.resolve();
      expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(['a', 'b']);
    });

    it('runs all the same when its client has left, with the disconnect signal aborted', async () => {
      await using queued = await leftInQueue(driver, false);
      const { app, calls, slot } = queued;
      expect([calls.length, app.scheduler?.pendingCount]).toEqual([0, 1]);
      slot.resolve();
      await app.scheduler?.idle();
      expect(calls.map(({ request }) => disconnectSignal(request).aborted)).toEqual([true]);
    });

    it('is dropped when its client leaves under skipDisconnected, and reported nowhere', async () => {
      await using queued = await leftInQueue(driver, true);
      const { app, calls, slot } = queued;
      expect(app.scheduler?.pendingCount).toBe(0);
      slot.resolve();
      await app.scheduler?.idle();
      await settled();
      expect(calls).toEqual([]);
      expect(app.reports).toEqual([]);
      expect(app.told).toEqual([]);
    });

    it('is dropped as well when it still waits for room', async () => {
      const arrived = deferred<Exchange>();
      const slot = deferred();
      let calls = 0;
      await using app = await serve(driver, {
        before: arrived.resolve,
        jobs: { limit: 1, pendingLimit: 0 },
        routes: {
          '/': atomic(
            async (exchange) => {
              calls += 1;
              return exchange.answer('late');
            },
            { overload: 'wait', skipDisconnected: true },
          ),
        },
      });
      app.scheduler?.spawnNow(() => slot.promise);
      using client = new Client(app);
      client.send('GET', '/');
      const { req } = await arrived.promise;
      client.leave('FIN');
      await closed(req.socket);
      slot.resolve();
      await app.scheduler?.idle();
      await settled();
      expect([calls, app.reports, app.told]).toEqual([0, [], []]);
    });

    it('is not dropped under skipDisconnected while its client waits', async () => {
      const slot = deferred();
      await using app = await serve(driver, {
        jobs: { limit: 1 },
        routes: {
          '/': atomic(async (exchange) => exchange.answer('ok'), { skipDisconnected: true }),
        },
      });
      app.scheduler?.spawnNow(() => slot.promise);
      const answer = fetchFrom(app, '/', {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        body: 'hello',
      });
      await until(() => app.scheduler?.pendingCount === 1);
      await settled();
      slot.resolve();
      expect(await answer).toMatchObject({ status: 200, body: 'ok' });
    });

    it('is not cut off under skipDisconnected once it runs', async () => {
      const entered = deferred<Exchange>();
      const release = deferred();
      const finished = deferred();
      await using app = await serve(driver, {
        routes: {
          '/': atomic(
            async (exchange) => {
              entered.resolve(exchange);
              await release.promise;
              finished.resolve();
              return exchange.answer('late');
            },
            { skipDisconnected: true },
          ),
        },
      });
      using client = new Client(app);
      client.send('GET', '/');
      const { req } = await entered.promise;
      client.leave('FIN');
      await closed(req.socket);
      release.resolve();
      await finished.promise;
      await app.scheduler?.idle();
      expect(app.told).toEqual([]);
    });
  });
}
