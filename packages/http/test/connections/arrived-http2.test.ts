import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { text } from 'node:stream/consumers';
import { drainOnClose, gracefulShutdown, Scheduler } from '@outlive/http';
import { settled } from '@outlive/test-support/conditions';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { deferred } from '@outlive/test-support/deferred';
import { listen } from '@outlive/test-support/server';
import { promptly } from '@outlive/test-support/watched';
import { certificate } from '../support/certificate.ts';

keepExitCode();

type Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => unknown;
type Server = Http2Server | Http2SecureServer;

const kinds: readonly [string, (listener: Listener) => Server, string][] = [
  ['h2c', (listener) => createServer((...args) => void listener(...args)), 'http'],
  [
    'TLS',
    (listener) => createSecureServer(certificate, (...args) => void listener(...args)),
    'https',
  ],
];

const closes: readonly [string, (server: Server) => () => Promise<unknown>][] = [
  [
    'a server with drainOnClose()',
    (server) => {
      drainOnClose(server, new Scheduler());
      return () => once(server.close(), 'close');
    },
  ],
  [
    'a shutdown without delay',
    (server) => {
      const shutdown = gracefulShutdown(server, { signals: [] });
      return () => shutdown.shutdown();
    },
  ],
];

const cases = kinds.flatMap(([name, create, scheme]) =>
  closes.map(([how, setUp]) => [name, how, create, scheme, setUp] as const),
);

describe.each(cases)('HTTP/2 over %s, %s', (_name, _how, create, scheme, setUp) => {
  const sessions: ClientHttp2Session[] = [];

  afterEach(() => {
    for (const session of sessions.splice(0)) session.destroy();
  });

  async function serve(listener: Listener = (_request, response) => response.end('here')) {
    const server = create(listener);
    const close = setUp(server);
    const port = await listen(server);
    const connectTo = (): ClientHttp2Session => {
      const session = connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
      sessions.push(session);
      return session;
    };
    return { server, close, connectTo };
  }

  test.each(
    scheme === 'http' ? ['connection', 'session'] : ['connection', 'secureConnection', 'session'],
  )('answers the first request of a session, unread at its %s', async (event) => {
    const { server, close, connectTo } = await serve();
    const accepted = once(server, event);
    const answer = text(connectTo().request({ ':path': '/' }));
    await accepted;
    const closing = close();
    expect(await promptly(answer)).toBe('here');
    await promptly(closing);
  });

  it('answers a request that is unread, on a session that was idle', async () => {
    const { close, connectTo } = await serve();
    const session = connectTo();
    expect(await text(session.request({ ':path': '/' }))).toBe('here');
    const answer = text(session.request({ ':path': '/' }));
    // What the client has said is on its way.
    await new Promise((resolve) => process.nextTick(resolve));
    const closing = close();
    expect(await promptly(answer)).toBe('here');
    await promptly(closing);
  });

  it('answers a request that is unread, beside a stream in flight', async () => {
    const entered = deferred();
    const gate = deferred();
    const { close, connectTo } = await serve(async (request, response) => {
      if (request.url === '/held') {
        entered.resolve();
        await gate.promise;
      }
      response.end('here');
    });
    const session = connectTo();
    const held = text(session.request({ ':path': '/held' }));
    await entered.promise;
    const answer = text(session.request({ ':path': '/' }));
    await new Promise((resolve) => process.nextTick(resolve));
    const closing = close();
    expect(await promptly(answer)).toBe('here');
    await settled();
    gate.resolve();
    expect(await promptly(held)).toBe('here');
    await promptly(closing);
  });
});
