import { disconnectSignal, requestSignal } from '@outlive/http';
import { Client, fetchFrom, type Leaving } from '@outlive/test-support/client';
import { aborted, closed, settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { atomic, type Driver, type Exchange, plain } from '../../driver.ts';
import { held } from '../../support/held.ts';
import { serve } from '../../support/server.ts';

const leavings: readonly Leaving[] = ['FIN', 'RST', 'half-close'];

const requests = {
  'a GET': (client: Client) => client.send('GET', '/'),
  'a POST whose body was read': (client: Client) =>
    client.send('POST', '/', { type: 'text/plain', text: 'hello' }),
  'a POST whose body was not read': (client: Client) =>
    client.send('POST', '/', { type: 'application/octet-stream', text: 'hello' }),
  'a POST that is still being uploaded': (client: Client) =>
    client.send('POST', '/', { type: 'application/octet-stream', text: 'hello', length: 1_000 }),
} as const;

const cells = Object.entries(requests).flatMap(([what, send]) =>
  leavings.map((how) => [what, how, send] as const),
);

export function describeDisconnect(driver: Driver): void {
  describe('disconnectSignal(request)', () => {
    it.each(cells)('aborts when the client leaves %s by %s', async (_, how, send) => {
      const { route, entered, release } = held();
      await using app = await serve(driver, { routes: { '/': route } });
      using client = new Client(app);
      send(client);
      const { request } = await entered;
      const signal = disconnectSignal(request);
      await settled();
      expect(signal.aborted).toBe(false);
      client.leave(how);
      await aborted(signal);
      expect(disconnectSignal(request)).toBe(signal);
      release();
    });

    it.each(cells)('first read after the client left %s by %s is aborted', async (_, how, send) => {
      const { route, entered, release } = held();
      await using app = await serve(driver, { routes: { '/': route } });
      using client = new Client(app);
      send(client);
      const { request, req } = await entered;
      client.leave(how);
      await closed(req.socket);
      expect(disconnectSignal(request).aborted).toBe(true);
      release();
    });

    it('first read is aborted though the handler has answered nobody since', async () => {
      const { route, entered, release } = held();
      await using app = await serve(driver, { routes: { '/': route } });
      using client = new Client(app);
      client.send('GET', '/');
      const { request, req, res } = await entered;
      client.leave('FIN');
      await closed(req.socket);
      release();
      await settled();
      expect([res.destroyed, disconnectSignal(request).aborted]).toEqual([true, true]);
    });

    it.each(Object.entries(requests).slice(0, 3))(
      'does not abort for %s that is answered, nor when the connection ends later',
      async (_, send) => {
        const entered = deferred<readonly [Exchange, AbortSignal]>();
        await using app = await serve(driver, {
          routes: {
            '/': plain(async (exchange) => {
              entered.resolve([exchange, disconnectSignal(exchange.request)]);
              await settled();
              return exchange.answer('ok');
            }),
          },
        });
        using client = new Client(app);
        send(client);
        const [{ request, req }, signal] = await entered.promise;
        await client.answers(1, 'ok');
        client.leave('FIN');
        await closed(req.socket);
        await settled();
        expect([signal.aborted, disconnectSignal(request).aborted]).toEqual([false, false]);
      },
    );

    it('is not aborted when first read after a normal end', async () => {
      const { route, entered, release } = held('ok');
      await using app = await serve(driver, { routes: { '/': route } });
      release();
      await fetchFrom(app, '/');
      const { request, req, res } = await entered;
      await closed(res);
      expect(disconnectSignal(request).aborted).toBe(false);
      await closed(req.socket);
      expect(disconnectSignal(request).aborted).toBe(false);
    });

    it('aborts when the client leaves in the middle of the answer', async () => {
      const entered = deferred<Exchange>();
      await using app = await serve(driver, {
        routes: {
          '/': plain((exchange) => {
            exchange.takeOver().write('the first half');
            entered.resolve(exchange);
          }),
        },
      });
      using client = new Client(app);
      client.send('GET', '/');
      const { request } = await entered.promise;
      await client.answers(1, 'the first half');
      const signal = disconnectSignal(request);
      expect(signal.aborted).toBe(false);
      client.leave('FIN');
      await aborted(signal);
    });

    it('aborts when the server itself destroys the response', async () => {
      const { route, entered, release } = held();
      await using app = await serve(driver, { routes: { '/': route } });
      using client = new Client(app);
      client.send('GET', '/');
      const { request, res } = await entered;
      const signal = disconnectSignal(request);
      res.destroy();
      await aborted(signal);
      release();
    });
  });

  describe('an atomic handler whose client leaves', () => {
    it.each(cells.slice(0, 9))('%s by %s runs to its end', async (_, how, send) => {
      const release = deferred();
      const entered = deferred<Exchange>();
      const finished = deferred<{ gone: boolean; cancelled: boolean; body: unknown }>();
      await using app = await serve(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            const { request, body } = exchange;
            const gone = disconnectSignal(request);
            const signal = requestSignal(request);
            entered.resolve(exchange);
            await release.promise;
            const returned = exchange.answer('done');
            finished.resolve({ gone: gone.aborted, cancelled: signal.aborted, body });
            return returned;
          }),
        },
      });
      using client = new Client(app);
      send(client);
      const { req } = await entered.promise;
      client.leave(how);
      await closed(req.socket);
      await settled();
      expect(app.scheduler?.activeCount).toBe(1);
      release.resolve();
      expect(await finished.promise).toMatchObject({ gone: true, cancelled: false });
      await app.scheduler?.idle();
      expect(app.told).toEqual([]);
    });

    it('still sees the error of a body that is cut off', async () => {
      const outcome = deferred<string>();
      const entered = deferred<Exchange>();
      await using app = await serve(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            entered.resolve(exchange);
            try {
              for await (const chunk of exchange.req) void chunk;
              outcome.resolve('read');
            } catch (error) {
              outcome.resolve((error as { code: string }).code);
            }
            return exchange.answer('done');
          }),
        },
      });
      using client = new Client(app);
      requests['a POST that is still being uploaded'](client);
      await entered.promise;
      client.leave('FIN');
      expect(await outcome.promise).toBe('ECONNRESET');
      await app.scheduler?.idle();
    });
  });

  describe('requestSignal(request)', () => {
    it('is the job’s within an atomic handler, and the client’s elsewhere', async () => {
      const entered = deferred<boolean[]>();
      await using app = await serve(driver, {
        routes: {
          '/plain': plain((exchange) => {
            const { request } = exchange;
            return exchange.answer(String(requestSignal(request) === disconnectSignal(request)));
          }),
          '/atomic': atomic(async (exchange) => {
            const { request } = exchange;
            const [job] = [...(app.scheduler ?? [])];
            const signal = requestSignal(request);
            entered.resolve([signal === job?.signal, signal === disconnectSignal(request)]);
            return exchange.answer('ok');
          }),
        },
      });
      expect((await fetchFrom(app, '/plain')).body).toBe('true');
      await fetchFrom(app, '/atomic');
      expect(await entered.promise).toEqual([true, false]);
    });

    it('is the client’s again when the atomic handler has settled', async () => {
      const entered = deferred<Exchange>();
      await using app = await serve(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            entered.resolve(exchange);
            return exchange.answer('ok');
          }),
        },
      });
      await fetchFrom(app, '/');
      await app.scheduler?.idle();
      const { request } = await entered.promise;
      expect(requestSignal(request)).toBe(disconnectSignal(request));
    });
  });
}
