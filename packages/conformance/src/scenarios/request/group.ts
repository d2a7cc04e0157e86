import { group, requestSignal } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { atomic, type Driver, plain } from '../../driver.ts';
import { serve } from '../../support/server.ts';

export function describeGroup(driver: Driver): void {
  describe('group(request)', () => {
    it('runs below an atomic handler in its slot: to spawn and to wait cannot deadlock', async () => {
      await using app = await serve(driver, {
        jobs: { limit: 1, pendingLimit: 0 },
        routes: {
          '/': atomic(async (exchange) => {
            const parts = group(exchange.request, { limit: 2 });
            const values: string[] = [];
            for (const part of ['a', 'b', 'c']) {
              await parts.spawn(async () => {
                await settled();
                values.push(part);
              });
            }
            await parts.wait();
            return exchange.answer(values.join(''));
          }),
        },
      });
      expect(await fetchFrom(app, '/')).toMatchObject({ status: 200, body: 'abc' });
      expect(app.scheduler?.size).toBe(0);
    });

    it('has the signal of the request: a client that leaves cancels it', async () => {
      const outcome = deferred<unknown>();
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            const parts = group(exchange.request);
            const job = await parts.spawn(({ signal }) => until(() => signal.aborted));
            await parts.wait().catch(outcome.resolve);
            return exchange.answer(String(job.outcome));
          }),
        },
      });
      const client = new Client(app);
      client.send('GET', '/');
      await until(() => app.scheduler?.activeCount === 1);
      client.leave('FIN');
      expect(await outcome.promise).toMatchObject({ code: 'ERR_JOB_CANCELLED' });
    });

    it('below an atomic handler outlives its client, as the handler does', async () => {
      const release = deferred();
      const outcome = deferred<unknown>();
      await using app = await serve(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            const parts = group(exchange.request);
            const job = await parts.spawn(() => release.promise);
            await parts.wait();
            outcome.resolve([job.outcome, requestSignal(exchange.request).aborted]);
            return exchange.answer('late');
          }),
        },
      });
      const client = new Client(app);
      client.send('GET', '/');
      await until(() => app.scheduler?.activeCount === 2);
      client.leave('FIN');
      release.resolve();
      expect(await outcome.promise).toEqual(['completed', false]);
    });

    it('is waited for when the server closes', async () => {
      const release = deferred();
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            const parts = group(exchange.request, { signal: new AbortController().signal });
            await parts.spawn(() => release.promise);
            return exchange.answer('spawned');
          }),
        },
      });
      await fetchFrom(app, '/');
      let closed = false;
      const closing = app.close().then(() => {
        closed = true;
      });
      await settled();
      expect(closed).toBe(false);
      release.resolve();
      await closing;
      expect(app.scheduler?.size).toBe(0);
    });
  });

  describe('atomic(handler, { key })', () => {
    it('limits the handlers of one key, and lets others pass', async () => {
      const release = deferred();
      let started = 0;
      const keys: (string | undefined)[] = ['a', 'a', 'b', undefined];
      await using app = await serve(driver, {
        jobs: { perKey: 1 },
        routes: {
          '/': atomic(
            async (exchange) => {
              started += 1;
              await release.promise;
              return exchange.answer('ok');
            },
            { key: (request) => (seen(request) ? keys.shift() : 'no request') },
          ),
        },
      });
      const answers = [];
      while (keys.length > 0) {
        const before = keys.length;
        answers.push(fetchFrom(app, '/'));
        await until(() => keys.length < before);
      }
      await until(() => started === 3);
      expect(app.scheduler?.pendingCount).toBe(1);
      release.resolve();
      for (const answer of answers) expect(await answer).toMatchObject({ status: 200 });
      expect(started).toBe(4);
    });

    it('answers an error where that is no key', async () => {
      await using app = await serve(driver, {
        jobs: { perKey: 1 },
        routes: { '/': atomic((exchange) => exchange.answer('ok'), { key: () => 1 as never }) },
      });
      expect(await fetchFrom(app, '/')).toMatchObject({ status: 500 });
      expect(app.scheduler?.size).toBe(0);
    });
  });
}

/** Whether this is a request in the framework's own form. */
function seen(request: object): boolean {
  return 'headers' in request || 'req' in request;
}
