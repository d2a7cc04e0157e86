import { Readable } from 'node:stream';
import { after } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { closed, settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import {
  atomic,
  type Driver,
  type Exchange,
  type Handler,
  plain,
  type SetUp,
} from '../../driver.ts';
import { serve } from '../../support/server.ts';

interface Seen {
  readonly status: number;
  readonly over: boolean;
}

/** Every request leaves a job for after its response, which notes what it sees. */
function noting(seen: Seen[]): Pick<Required<SetUp>, 'before'> {
  return {
    before: ({ request, res }) => {
      after(request, () => {
        seen.push({ status: res.statusCode, over: res.writableEnded });
      });
    },
  };
}

export function describeAfter(driver: Driver): void {
  describe('after(request, fn)', () => {
    const answers: [string, Handler, number][] = [
      ['an answer', (exchange) => exchange.answer('ok', 201), 201],
      ['a redirect', (exchange) => exchange.redirect('/elsewhere'), 302],
      ['a stream', (exchange) => exchange.stream(Readable.from(['a', 'b'])), 200],
      [
        'a response that the handler took over',
        (exchange) => void exchange.takeOver().end('raw'),
        200,
      ],
    ];
    it.each(answers)(
      'runs once, when the response is over, after %s',
      async (_, handler, status) => {
        const seen: Seen[] = [];
        await using app = await serve(driver, { ...noting(seen), routes: { '/': plain(handler) } });
        expect((await fetchFrom(app, '/')).status).toBe(status);
        await app.scheduler?.idle();
        await settled();
        expect(seen).toEqual([{ status, over: true }]);
      },
    );

    it('runs once after a 404 of the framework', async () => {
      const seen: Seen[] = [];
      await using app = await serve(driver, noting(seen));
      expect((await fetchFrom(app, '/nowhere')).status).toBe(404);
      await app.scheduler?.idle();
      expect(seen).toEqual([{ status: 404, over: true }]);
    });

    it('runs once after an error', async () => {
      const seen: Seen[] = [];
      const fails = atomic(async () => {
        throw new Error('boom');
      });
      await using app = await serve(driver, { ...noting(seen), routes: { '/': fails } });
      expect((await fetchFrom(app, '/')).status).toBe(500);
      await app.scheduler?.idle();
      expect(seen).toEqual([{ status: 500, over: true }]);
    });

    it('runs once after an error in the middle of a stream', async () => {
      const seen: Seen[] = [];
      const body = new Readable({ read() {} });
      body.push('begun');
      await using app = await serve(driver, {
        ...noting(seen),
        routes: { '/': plain((exchange) => exchange.stream(body)) },
      });
      using client = new Client(app);
      client.send('GET', '/');
      await client.answers(1, 'begun');
      expect(seen).toEqual([]);
      body.destroy(new Error('the disk is gone'));
      await closed(body);
      // Koa 2 leaves the response as it is: it is the client who gives up.
      client.leave('FIN');
      await app.scheduler?.idle();
      await settled();
      expect(seen).toHaveLength(1);
    });

    it('runs once when the client leaves before the answer', async () => {
      const seen: Seen[] = [];
      const entered = deferred<Exchange>();
      const release = deferred();
      await using app = await serve(driver, {
        ...noting(seen),
        routes: {
          '/': plain(async (exchange) => {
            entered.resolve(exchange);
            await release.promise;
            return exchange.answer('late');
          }),
        },
      });
      using client = new Client(app);
      client.send('GET', '/');
      await entered.promise;
      await settled();
      expect(seen).toEqual([]);
      client.leave('FIN');
      await until(() => seen.length > 0);
      expect(seen).toMatchObject([{ over: false }]);
      release.resolve();
      await app.scheduler?.idle();
      await settled();
      expect(seen).toHaveLength(1);
    });

    it('starts at once when the response is already over', async () => {
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
      let calls = 0;
      const job = after(request, () => {
        calls += 1;
      });
      expect([calls, job.outcome]).toEqual([1, 'completed']);
    });

    it('starts at once when the client has already left', async () => {
      const entered = deferred<Exchange>();
      const release = deferred();
      await using app = await serve(driver, {
        routes: {
          '/': plain(async (exchange) => {
            entered.resolve(exchange);
            await release.promise;
            return exchange.answer('late');
          }),
        },
      });
      using client = new Client(app);
      client.send('GET', '/');
      const { request, req } = await entered.promise;
      client.leave('RST');
      await closed(req.socket);
      expect(after(request, () => 'at once').outcome).toBe('completed');
      release.resolve();
    });

    it('is never refused for want of room', async () => {
      const seen: Seen[] = [];
      const slot = deferred();
      await using app = await serve(driver, {
        ...noting(seen),
        jobs: { limit: 1, pendingLimit: 0 },
        routes: { '/': plain((exchange) => exchange.answer('ok')) },
      });
      app.scheduler?.spawnNow(() => slot.promise);
      for (let count = 1; count <= 3; count += 1) {
        expect((await fetchFrom(app, '/')).status).toBe(200);
      }
      expect(app.scheduler?.pendingCount).toBe(3);
      slot.resolve();
      await app.scheduler?.idle();
      expect(seen).toHaveLength(3);
    });
  });
}
