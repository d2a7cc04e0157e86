import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { drainOnClose, gracefulShutdown, jobsListener } from '@outlive/http';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { promptly } from '@outlive/test-support/watched';
import type * as Arrival from '../../src/connections/arrival.ts';
import { HeldWork } from '../support/held-work.ts';
import { type Routes, route } from '../support/serve-jobs.ts';
import { Talk } from '../support/talk.ts';
import { transports } from '../support/transports.ts';

/** Where the clock has been stopped that says how long a request may be on its way: a busy machine may take longer. */
let mockStoppedAt: number | undefined;

jest.mock('../../src/connections/arrival.ts', () => {
  const real = jest.requireActual<typeof Arrival>('../../src/connections/arrival.ts');
  return { ...real, now: () => mockStoppedAt ?? real.now() };
});

function stopClock(): void {
  mockStoppedAt = performance.now();
}

type Close = () => Promise<unknown>;

/** Each gives what begins a close. */
const closes: readonly [
  string,
  (server: Server, listener: ReturnType<typeof jobsListener>) => Close,
][] = [
  [
    'a server with drainOnClose()',
    (server, { scheduler }) => {
      drainOnClose(server, scheduler);
      return () => once(server.close(), 'close');
    },
  ],
  [
    'a shutdown without delay',
    (server) => {
      const shutdown = gracefulShutdown(server, { signals: [], delay: 0 });
      return () => shutdown.shutdown();
    },
  ],
];

const cases = transports.flatMap(([name, transport]) =>
  closes.map(([how, setUp]) => [name, how, transport, setUp] as const),
);

describe.each(cases)('over %s, %s', (_name, _how, transport, setUp) => {
  const talks: Disposable[] = [];
  const servers: Server[] = [];
  let exitCode: typeof process.exitCode;

  beforeEach(() => {
    exitCode = process.exitCode;
  });

  afterEach(() => {
    mockStoppedAt = undefined;
    process.exitCode = exitCode;
    for (const talk of talks.splice(0)) talk[Symbol.dispose]();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      if (server.listening) server.close();
    }
  });

  async function serve(routes: Routes): Promise<{ server: Server; close: Close }> {
    const listener = jobsListener(route(routes));
    const server = transport.makeServer(listener);
    servers.push(server);
    const close = setUp(server, listener);
    await transport.open(server);
    return { server, close };
  }

  function talkOn(beneath: Duplex): Talk {
    const talk = new Talk(transport.secure(beneath), beneath);
    talks.push(talk);
    return talk;
  }

  it('answers a request that is unread, on a connection that has just been accepted', async () => {
    const { server, close } = await serve({ '/': (_request, response) => response.end('here') });
    stopClock();
    const accepted = once(server, 'connection');
    const talk = talkOn(transport.dial(server));
    talk.ask('/');
    await accepted;
    await promptly(Promise.all([close(), talk.hears('here')]));
    expect(talk.received).toMatch(/^HTTP\/1.1 200 [^]*connection: close/i);
    await promptly(talk.ended());
  });

  it('answers a request that is unread, on a connection that was idle', async () => {
    const { close } = await serve({
      '/first': (_request, response) => response.end('one'),
      '/second': (_request, response) => response.end('two'),
    });
    const talk = talkOn(transport.dial(servers[0] as Server));
    talk.ask('/first');
    await talk.hears('one');
    await settled();
    talk.ask('/second');
    await promptly(Promise.all([close(), talk.hears('two')]));
    await promptly(talk.ended());
  });

  it('answers a request half of whose head has come', async () => {
    const { server, close } = await serve({ '/': (_request, response) => response.end('here') });
    const talk = talkOn(transport.dial(server));
    stopClock();
    talk.stream.write('GET / HTTP/1.1\r\n');
    if (transport.isSecure) await once(server, 'secureConnection');
    await settled();
    const closing = close();
    await settled();
    talk.stream.write('Host: localhost\r\n\r\n');
    await promptly(Promise.all([closing, talk.hears('here')]));
  });

  it('answers a request that follows the answer in flight, which was said to be kept', async () => {
    const work = new HeldWork();
    const begun = deferred();
    const { server, close } = await serve({
      '/first': async (_request, response) => {
        response.writeHead(200, { 'Content-Length': 8 });
        response.write('half ');
        begun.resolve();
        await work.run('rest')();
        response.end('end');
      },
      '/second': (_request, response) => response.end('two'),
    });
    const talk = talkOn(transport.dial(server));
    talk.ask('/first');
    await begun.promise;
    await talk.hears('half');
    stopClock();
    const closing = close();
    await settled();
    work.release();
    await talk.hears('half end');
    talk.ask('/second');
    await promptly(Promise.all([closing, talk.hears('two')]));
    await promptly(talk.ended());
  });

  it('waits for the response in flight, and for every connection to say `close` itself', async () => {
    const work = new HeldWork();
    const { server, close } = await serve(work.routes);
    const connections: Duplex[] = [];
    server.on(transport.isSecure ? 'secureConnection' : 'connection', (stream: Duplex) => {
      connections.push(stream);
    });
    const talk = talkOn(transport.dial(server));
    talk.ask('/plain');
    await work.entered.promise;
    const closing = close();
    await settled();
    work.release();
    await promptly(closing);
    expect(talk.received).toContain('late');
    expect(connections.map(({ closed }) => closed)).toEqual([true]);
  });

  it('ends what says nothing, each of many', async () => {
    const { server, close } = await serve({});
    let accepted = 0;
    server.on('connection', () => {
      accepted += 1;
    });
    const silent = Array.from({ length: 5 }, () => new Talk(transport.dial(server)));
    talks.push(...silent);
    await until(() => accepted === 5);
    await promptly(close());
    await promptly(Promise.all(silent.map(async (talk) => talk.ended())));
  });
});
