import type { EventEmitter } from 'node:events';
import { Agent } from 'node:http';
import { after, disconnectSignal, requestSignal } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { aborted, closed, settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { warnings } from '@outlive/test-support/warnings';
import { atomic, type Driver, type Exchange, plain } from '../../driver.ts';
import { serve } from '../../support/server.ts';

/** How many listeners each event has. */
function listenersOf(emitter: EventEmitter): Record<string, number> {
  const counts = emitter
    .eventNames()
    .map((event) => [String(event), emitter.listenerCount(event)] as const);
  return Object.fromEntries(counts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Requests on one connection, and the listeners that each leaves behind. */
async function left(driver: Driver, withUs: boolean, requests: number): Promise<object[]> {
  const exchanges: Exchange[] = [];
  const use = (exchange: Exchange): unknown => {
    exchanges.push(exchange);
    if (withUs) {
      after(exchange.request, () => {});
      void [disconnectSignal(exchange.request), requestSignal(exchange.request)];
    }
    return exchange.answer('ok');
  };
  await using app = await serve(driver, {
    jobs: withUs ? {} : false,
    routes: {
      '/': withUs
        ? atomic(async (exchange) => use(exchange))
        : plain(async (exchange) => use(exchange)),
    },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (let count = 0; count < requests; count += 1) await fetchFrom(app, '/', { agent });
    const sockets = new Set(exchanges.map(({ req }) => req.socket));
    await Promise.all(exchanges.map(({ res }) => closed(res)));
    await settled();
    expect(sockets.size).toBe(1);
    return exchanges.map(({ req, res }) => ({
      req: listenersOf(req),
      res: listenersOf(res),
      socket: listenersOf(req.socket),
    }));
  } finally {
    agent.destroy();
  }
}

export function describeConnections(driver: Driver): void {
  describe('a request that has ended normally', () => {
    it('keeps no listener of ours', async () => {
      const [[bare], [ours]] = [await left(driver, false, 1), await left(driver, true, 1)];
      const { socket: bareSocket, ...bareExchange } = bare as Record<
        string,
        Record<string, number>
      >;
      const { socket, ...exchange } = ours as Record<string, Record<string, number>>;
      expect(exchange).toEqual(bareExchange);
      // The connection keeps the one that its requests share, and one by which it is drained.
      expect({ ...socket, close: 0 }).toEqual({ ...bareSocket, close: 0 });
      expect((socket?.['close'] ?? 0) - (bareSocket?.['close'] ?? 0)).toBeLessThanOrEqual(2);
    });

    it('adds nothing to its connection that the first had not', async () => {
      const all = await left(driver, true, 12);
      expect(all).toHaveLength(12);
      expect(all.at(-1)).toEqual(all[0]);
    });
  });

  describe('many requests on one connection', () => {
    it('print no warning, one after the other', async () => {
      using seen = warnings();
      await left(driver, true, 15);
      expect(seen.all).toEqual([]);
    });

    it('print no warning, all at once', async () => {
      using seen = warnings();
      const release = deferred();
      const signals: AbortSignal[] = [];
      await using app = await serve(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            signals.push(disconnectSignal(exchange.request));
            await release.promise;
            return exchange.answer('ok');
          }),
        },
      });
      using client = new Client(app);
      for (let count = 0; count < 15; count += 1) client.send('GET', '/');
      await until(() => signals.length === 15);
      release.resolve();
      await client.answers(15, 'ok');
      await settled();
      expect(seen.all).toEqual([]);
      expect(signals.some((signal) => signal.aborted)).toBe(false);
    });
  });

  describe('pipelined requests', () => {
    it('are all told when the client leaves', async () => {
      const exchanges: Exchange[] = [];
      const release = deferred();
      const done: string[] = [];
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            exchanges.push(exchange);
            after(exchange.request, () => done.push('after'));
            await release.promise;
            return exchange.takeOver().end();
          }),
        },
      });
      using client = new Client(app);
      client.send('GET', '/');
      client.send('POST', '/', { type: 'text/plain', text: 'hello' });
      await until(() => exchanges.length === 2);
      const signals = exchanges.map(({ request }) => disconnectSignal(request));
      await settled();
      expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
      client.leave('FIN');
      await Promise.all(signals.map(aborted));
      await app.scheduler?.idle();
      expect(done).toEqual(['after', 'after']);
      release.resolve();
    });

    it('first asked after the client left say so as well', async () => {
      const exchanges: Exchange[] = [];
      const release = deferred();
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            exchanges.push(exchange);
            await release.promise;
            return exchange.takeOver().end();
          }),
        },
      });
      using client = new Client(app);
      client.send('GET', '/');
      client.send('GET', '/');
      await until(() => exchanges.length === 2);
      client.leave('RST');
      await closed((exchanges[0] as Exchange).req.socket);
      expect(exchanges.map(({ request }) => disconnectSignal(request).aborted)).toEqual([
        true,
        true,
      ]);
      release.resolve();
    });

    it('that were answered behind one that was not are not told', async () => {
      const first = deferred<Exchange>();
      const second = deferred<Exchange>();
      const release = deferred();
      await using app = await serve(driver, {
        routes: {
          '/first': plain(async (exchange) => {
            disconnectSignal(exchange.request);
            first.resolve(exchange);
            await release.promise;
            return exchange.takeOver().end();
          }),
          '/second': plain((exchange) => {
            disconnectSignal(exchange.request);
            exchange.takeOver().end('answered');
            second.resolve(exchange);
          }),
        },
      });
      using client = new Client(app);
      client.send('GET', '/first');
      client.send('GET', '/second');
      const exchanges = [await first.promise, await second.promise];
      client.leave('FIN');
      await closed((exchanges[0] as Exchange).req.socket);
      await settled();
      expect(exchanges.map(({ request }) => disconnectSignal(request).aborted)).toEqual([
        true,
        false,
      ]);
      release.resolve();
    });
  });
}
