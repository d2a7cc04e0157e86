import type { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { Client, fetchFrom, type Leaving, type RequestOptions } from '@outlive/test-support/client';
import { closed, settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { type Driver, type Exchange, plain, type SetUp } from '../../driver.ts';
import { held } from '../../support/held.ts';
import { serve } from '../../support/server.ts';

const routes: NonNullable<SetUp['routes']> = {
  '/text': plain((exchange) => exchange.answer('hello')),
  '/async': plain(async (exchange) => {
    await settled();
    return exchange.answer('hello', 201);
  }),
  '/echo': plain((exchange) => exchange.answer(String(exchange.body))),
  '/empty': plain((exchange) => exchange.answer('', 204)),
  '/redirect': plain((exchange) => exchange.redirect('/text')),
  '/stream': plain((exchange) => exchange.stream(Readable.from(['a', 'b', 'c']))),
  '/raw': plain((exchange) => void exchange.takeOver().end('raw')),
  '/throws': plain(() => {
    // Express shows the stack, in which our middleware rightly is.
    throw Object.assign(new Error('boom'), { stack: 'Error: boom' });
  }),
};

const requests: readonly (readonly [string, RequestOptions?])[] = [
  ['/text'],
  ['/text', { method: 'HEAD' }],
  ['/async'],
  ['/echo', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'hello' }],
  ['/empty'],
  ['/redirect'],
  ['/stream'],
  ['/raw'],
  ['/nowhere'],
];

/** Everything that an emitter emits, in order. */
function recorded(what: string, emitter: EventEmitter, events: string[]): void {
  const { emit } = emitter;
  emitter.emit = function record(event, ...args: unknown[]) {
    events.push(`${what} ${String(event)}`);
    return Reflect.apply(emit, this, [event, ...args]);
  };
}

function recordEvents(app: { server: EventEmitter }, events: string[]): void {
  app.server.prependListener('request', (req: Exchange['req'], res: Exchange['res']) => {
    recorded('req', req, events);
    recorded('res', res, events);
  });
}

async function answersOf(
  driver: Driver,
  jobs: SetUp['jobs'],
  defaultErrors: boolean,
): Promise<object[]> {
  const answers: object[] = [];
  const errors: typeof requests = driver.hasErrorPath ? [['/throws']] : [];
  for (const [path, options] of [...requests, ...errors]) {
    const events: string[] = [];
    await using app = await serve(driver, {
      ...(jobs === undefined ? {} : { jobs }),
      defaultErrors,
      routes,
    });
    recordEvents(app, events);
    const { headers, ...rest } = await fetchFrom(app, path, options);
    const { date, ...stable } = headers;
    await settled();
    answers.push({ path, hasDate: date !== undefined, headers: stable, ...rest, events });
  }
  return answers;
}

async function eventsOfLeaving(
  driver: Driver,
  jobs: SetUp['jobs'],
  how: Leaving,
): Promise<string[]> {
  const events: string[] = [];
  const { route, entered, release } = held();
  await using app = await serve(driver, {
    ...(jobs === undefined ? {} : { jobs }),
    routes: { '/': route },
  });
  recordEvents(app, events);
  using client = new Client(app);
  client.send('POST', '/', { type: 'text/plain', text: 'hello' });
  const { req } = await entered;
  client.leave(how);
  await closed(req.socket);
  await settled();
  release();
  await settled();
  return [...events, ...app.reports];
}

export function describeUnchanged(driver: Driver): void {
  describe('an app that has the jobs middleware and does not use it', () => {
    it.each([true, false])(
      'gives the same answers, headers and events (default error handling: %s)',
      async (defaultErrors) => {
        const bare = await answersOf(driver, false, defaultErrors);
        expect(await answersOf(driver, {}, defaultErrors)).toEqual(bare);
        expect(bare.length).toBeGreaterThanOrEqual(requests.length);
      },
    );

    it.each<Leaving>(['FIN', 'RST', 'half-close'])(
      'sees the same events and reports when a client leaves by %s',
      async (how) => {
        const bare = await eventsOfLeaving(driver, false, how);
        expect(await eventsOfLeaving(driver, {}, how)).toEqual(bare);
        expect(bare).toContain('res close');
      },
    );

    it('keeps the connection alive as before', async () => {
      for (const jobs of [false, {}] as const) {
        const arrived: Exchange[] = [];
        const two = deferred();
        await using app = await serve(driver, {
          jobs,
          routes: {
            '/': plain((exchange) => {
              if (arrived.push(exchange) === 2) two.resolve();
              return exchange.answer('ok');
            }),
          },
        });
        using client = new Client(app);
        client.send('GET', '/');
        await client.answers(1, 'ok');
        client.send('GET', '/');
        await two.promise;
        await client.answers(2, 'ok');
        expect(client.received.match(/connection: keep-alive/gi)).toHaveLength(2);
        expect(arrived[0]?.req.socket).toBe(arrived[1]?.req.socket);
      }
    });
  });
}
