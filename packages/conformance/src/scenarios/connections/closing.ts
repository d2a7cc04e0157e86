import { once } from 'node:events';
import { spawn } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { promptly, watched } from '@outlive/test-support/watched';
import { atomic, type Driver, plain, type Route } from '../../driver.ts';
import { held } from '../../support/held.ts';
import { serve } from '../../support/server.ts';

/** The server is attached by its first request. */
export function describeClosing(driver: Driver): void {
  const kinds: readonly [string, typeof plain | typeof atomic][] = [
    ['a plain handler', plain],
    ['an atomic handler', atomic],
  ];

  describe.each(kinds)('a server that closes, with %s,', (_name, kind) => {
    it('answers a request that it has accepted and not read', async () => {
      const route: Route = kind((exchange) => exchange.answer('ok'));
      await using app = await serve(driver, { routes: { '/': route } });
      await fetchFrom(app, '/');
      const accepted = once(app.server, 'connection');
      const second = fetchFrom(app, '/');
      await accepted;
      const closing = once(app.server.close(), 'close');
      expect(await promptly(second)).toMatchObject({ status: 200, body: 'ok' });
      await promptly(closing);
    });

    it('answers a request that is under way when the one before it closes the server', async () => {
      const route: Route = kind((exchange) => exchange.answer('ok'));
      await using app = await serve(driver, { routes: { '/': route } });
      const accepted = deferred();
      let connections = 0;
      app.server.on('connection', () => {
        connections += 1;
        if (connections === 2) accepted.resolve();
      });
      await fetchFrom(app, '/');
      const second = fetchFrom(app, '/');
      await accepted.promise;
      const closing = once(app.server.close(), 'close');
      expect((await promptly(second)).body).toBe('ok');
      await promptly(closing);
    });

    it('has its last responses say `close`, whatever their handlers say', async () => {
      const { handler, entered, release } = held();
      const route: Route = kind((exchange) => {
        exchange.res.setHeader('Connection', 'keep-alive');
        return handler(exchange);
      });
      await using app = await serve(driver, { routes: { '/': route } });
      using client = new Client(app);
      client.send('GET', '/');
      await entered;
      const closing = once(app.server.close(), 'close');
      release();
      await client.answers(1, 'late');
      expect(client.received).toMatch(/^connection: close$/im);
      expect(client.received).not.toMatch(/keep-alive/i);
      await promptly(closing);
    });

    it('waits for the job that the end of its last response spawns', async () => {
      const [entered, spawned, gate] = [deferred(), deferred(), deferred()];
      const route: Route = kind(async (exchange) => {
        exchange.res.once('close', () => {
          void spawn(exchange.request, async () => {
            spawned.resolve();
            await gate.promise;
          });
        });
        entered.resolve();
        await once(exchange.res, 'close');
        return exchange.takeOver().end();
      });
      await using app = await serve(driver, { routes: { '/': route } });
      const client = new Client(app);
      client.send('GET', '/');
      await entered.promise;
      const closing = watched(once(app.server.close(), 'close'));
      client.leave('FIN');
      await spawned.promise;
      await settled();
      expect(closing.over).toBe(false);
      gate.resolve();
      await promptly(closing.promise);
    });
  });
}
