import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
} from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { drainOnClose, jobsListener } from '@outlive/http';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { promptly, watched } from '@outlive/test-support/watched';
import { certificate } from '../support/certificate.ts';
import { HeldWork } from '../support/held-work.ts';
import { type Routes, route, serve } from '../support/serve-jobs.ts';

type Listener = Parameters<typeof createServer>[1];

const kinds: readonly [string, (listener: Listener) => Http2Server | Http2SecureServer, string][] =
  [
    ['h2c', (listener) => createServer(listener), 'http'],
    [
      'secure with allowHTTP1',
      (listener) => createSecureServer({ ...certificate, allowHTTP1: true }, listener),
      'https',
    ],
  ];

const sessions: ClientHttp2Session[] = [];

afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
});

describe.each(kinds)('an HTTP/2 server, %s, that closes', (_name, create, scheme) => {
  async function serveHttp2(routes: Routes, { tied = true } = {}) {
    const withJobs = jobsListener(route(routes));
    const { scheduler } = withJobs;
    const server = create((request, response) => {
      withJobs(request as unknown as IncomingMessage, response as unknown as ServerResponse);
    });
    if (tied) drainOnClose(server, scheduler);
    const serving = await serve(server, scheduler);
    return { ...serving, scheduler };
  }

  /** A session that has been accepted. */
  async function connected({
    server,
    port,
  }: {
    server: Http2Server | Http2SecureServer;
    port: number;
  }) {
    const accepted = once(server, 'session');
    const session = connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
    sessions.push(session);
    await Promise.all([accepted, once(session, 'remoteSettings')]);
    return session;
  }

  it('ends a session that idles', async () => {
    await using serving = await serveHttp2({});
    const session = await connected(serving);
    const [goaway, ended] = [once(session, 'goaway'), once(session, 'close')];
    await promptly(once(serving.server.close(), 'close'));
    expect((await goaway)[0]).toBe(0);
    await promptly(ended);
  });

  it('ends a session that idles after an answer', async () => {
    await using serving = await serveHttp2(new HeldWork().routes, { tied: false });
    const session = await connected(serving);
    expect(await text(session.request({ ':path': '/quick' }))).toBe('quick');
    await promptly(once(serving.server.close(), 'close'));
    await promptly(closedSession(session));
  });

  it('waits for the jobs of its requests', async () => {
    const work = new HeldWork();
    await using serving = await serveHttp2(work.routes, { tied: false });
    const session = await connected(serving);
    await text(session.request({ ':path': '/job' }));
    const closing = watched(once(serving.server.close(), 'close'));
    await promptly(closedSession(session));
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
    expect(work.done).toEqual(['job']);
  });

  it('waits for an atomic handler whose stream was reset', async () => {
    const work = new HeldWork();
    await using serving = await serveHttp2(work.routes, { tied: false });
    const session = await connected(serving);
    const stream = session.request({ ':path': '/atomic' });
    await work.entered.promise;
    stream.close();
    await work.disconnect;
    const closing = watched(once(serving.server.close(), 'close'));
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
  });

  it('lets the streams in flight finish, and takes no further ones on their session', async () => {
    const work = new HeldWork();
    await using serving = await serveHttp2(work.routes);
    const session = await connected(serving);
    const goaway = once(session, 'goaway');
    const streams = ['/plain', '/atomic'].map((path) => session.request({ ':path': path }));
    const answers = Promise.all(streams.map(text));
    await until(() => serving.scheduler.size > 0);
    await work.entered.promise;
    const closing = watched(once(serving.server.close(), 'close'));
    expect((await promptly(goaway))[0]).toBe(0);
    expect(closing.over).toBe(false);
    const refused = async (): Promise<string> => text(session.request({ ':path': '/quick' }));
    await expect(refused()).rejects.toThrow('GOAWAY');
    work.release();
    expect(await answers).toEqual(['late', 'late']);
    await promptly(closing.promise);
  });

  it('sends a stream that has begun whole', async () => {
    const work = new HeldWork();
    const begun = deferred();
    await using serving = await serveHttp2({
      '/': async (_request, response) => {
        response.write('half ');
        begun.resolve();
        await work.run('rest')();
        response.end('full');
      },
    });
    const session = await connected(serving);
    const stream: ClientHttp2Stream = session.request({ ':path': '/' });
    const answer = text(stream);
    await begun.promise;
    await once(stream, 'response');
    const closing = once(serving.server.close(), 'close');
    work.release();
    expect(await answer).toBe('half full');
    await promptly(closing);
  });

  it('cuts off no stream of a session that was there before its first request', async () => {
    const work = new HeldWork();
    await using serving = await serveHttp2(work.routes, { tied: false });
    const first = await connected(serving);
    const second = await connected(serving);
    const held = text(first.request({ ':path': '/plain' }));
    await work.entered.promise;
    expect(await text(second.request({ ':path': '/quick' }))).toBe('quick');
    const closing = once(serving.server.close(), 'close');
    await promptly(closedSession(second));
    work.release();
    expect(await held).toBe('late');
    await promptly(closing);
  });

  if (scheme === 'http') return;

  it('ends a connection that speaks HTTP/1 with its response, which says so', async () => {
    const work = new HeldWork();
    await using serving = await serveHttp2(work.routes);
    const request = httpsRequest({
      port: serving.port,
      host: '127.0.0.1',
      path: '/plain',
      rejectUnauthorized: false,
      headers: { connection: 'keep-alive' },
    });
    const response = once(request.end(), 'response') as Promise<[IncomingMessage]>;
    await work.entered.promise;
    const closing = once(serving.server.close(), 'close');
    work.release();
    const [answer] = await response;
    expect(answer.headers.connection).toBe('close');
    expect(await text(answer)).toBe('late');
    await promptly(closing);
  });
});

async function closedSession(session: ClientHttp2Session): Promise<void> {
  if (!session.destroyed) await once(session, 'close');
}
