import { EventEmitter, once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { Socket } from 'node:net';
import { duplexPair, PassThrough } from 'node:stream';
import {
  disconnectSignal,
  drainOnClose,
  gracefulShutdown,
  jobsListener,
  Scheduler,
  spawn,
} from '@outlive/http';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { promptly, watched } from '@outlive/test-support/watched';
import { deferred } from '@outlive/test-support/deferred';
import { listen } from '@outlive/test-support/server';
import { settled } from '@outlive/test-support/conditions';
import { HeldWork } from '../support/held-work.ts';
import { route } from '../support/serve-jobs.ts';
import { Talk } from '../support/talk.ts';

keepExitCode();

/** A server that is attached, and does not listen. */
function attached(listener: Parameters<typeof jobsListener>[0] = () => {}) {
  const withJobs = jobsListener(listener);
  const server = createServer(withJobs);
  drainOnClose(server, withJobs.scheduler);
  return { server, scheduler: withJobs.scheduler };
}

/** What `serverless-http` puts in the place of a socket. */
const serverlessSocket = {
  encrypted: true,
  readable: false,
  remoteAddress: '127.0.0.1',
  address: () => ({ port: 443 }),
  end: Function.prototype,
  destroy: Function.prototype,
};

const standInSockets: readonly [string, unknown][] = [
  ['an object with a few functions', serverlessSocket],
  ['an object with `on` alone', { ...serverlessSocket, on: Function.prototype }],
  ['an EventEmitter', new EventEmitter()],
  ["a stream that is nobody's connection", new PassThrough()],
  ["a socket that is nobody's connection", new Socket()],
  ['nothing', undefined],
  ['null', null],
];

describe('an attached server that is given a request', () => {
  test.each(standInSockets)('with %s for a socket passes it on', async (_name, socket) => {
    const { server } = attached(async (request, response) => {
      await spawn(request, async () => {});
      expect(disconnectSignal(request).aborted).toBe(false);
      response.end('ok');
    });
    const request = new IncomingMessage(socket as Socket);
    request.method = 'GET';
    request.httpVersionMajor = 1;
    const response = new ServerResponse(request);
    expect(server.emit('request', request, response)).toBe(true);
    await settled();
    expect(response.writableEnded).toBe(true);
    await promptly(once(server.close(), 'close'));
  });

  it('without a version passes it on', () => {
    const { server } = attached((_request, response) => response.end());
    const end = jest.fn();
    server.emit('request', { method: 'GET', url: '/' }, { end });
    expect(end).toHaveBeenCalled();
  });

  it('with nothing at all leaves that to its listeners', () => {
    const server = createServer();
    drainOnClose(server, new Scheduler());
    for (const event of ['request', 'checkContinue', 'upgrade', 'connect', 'session']) {
      const listener = jest.fn();
      server.on(event, listener);
      expect(() => server.emit(event)).not.toThrow();
      expect(listener).toHaveBeenCalledWith();
    }
  });

  it('waits for its jobs still, under a shutdown', async () => {
    const work = new HeldWork();
    const { server } = attached(route(work.routes));
    const shutdown = gracefulShutdown(server, { signals: [] });
    const request = new IncomingMessage(Object.assign({}, serverlessSocket) as never);
    Object.assign(request, { method: 'GET', url: '/job', httpVersionMajor: 1 });
    server.emit('request', request, new ServerResponse(request));
    await work.entered.promise;
    const ending = watched(shutdown.shutdown());
    await settled();
    expect(ending.over).toBe(false);
    work.release();
    const report = await promptly(ending.promise);
    expect(report).toMatchObject({ completed: 1, cancelled: [], abandoned: [] });
  });
});

describe('an attached server that is given an upgrade', () => {
  // What `injectWS()` of @fastify/websocket does.
  it('with a request without a version passes it on, and closes without waiting for it', async () => {
    const { server } = attached();
    const upgrade = jest.fn();
    server.on('upgrade', upgrade);
    const [ours, theirs] = duplexPair();
    const request = { method: 'GET', headers: { upgrade: 'websocket' }, url: '/' };
    server.emit('upgrade', request, theirs, Buffer.from([]));
    expect(upgrade).toHaveBeenCalledTimes(1);
    await promptly(once(server.close(), 'close'));
    expect(theirs.destroyed).toBe(false);
    ours.destroy();
    theirs.destroy();
  });

  test.each(standInSockets)('with %s for a socket passes it on', async (_name, socket) => {
    const { server } = attached();
    const upgrade = jest.fn();
    server.on('upgrade', upgrade).on('connect', upgrade);
    server.emit('upgrade', { httpVersionMajor: 1 }, socket, Buffer.from([]));
    server.emit('connect', { httpVersionMajor: 1 }, socket, Buffer.from([]));
    server.emit('connect', { httpVersionMajor: 2 }, {});
    expect(upgrade).toHaveBeenCalledTimes(3);
    await promptly(once(server.close(), 'close'));
  });
});

describe('an attached server that is handed a connection', () => {
  const streams: readonly [string, () => unknown][] = [
    ['a stream', () => duplexPair()[0]],
    ['a PassThrough', () => new PassThrough()],
    ['a stream that is destroyed', () => new PassThrough().destroy()],
    ['a socket that is not connected', () => new Socket()],
  ];

  test.each(streams)('that is %s closes', async (_name, make) => {
    const { server } = attached();
    server.emit('connection', make());
    await promptly(once(server.close(), 'close'));
  });

  test.each(streams)('that is %s shuts down', async (_name, make) => {
    const { server } = attached();
    const shutdown = gracefulShutdown(server, { signals: [] });
    server.emit('connection', make());
    await promptly(shutdown.shutdown());
    expect(process.exitCode).toBe(0);
  });

  it('serves it also while it closes', async () => {
    const { server } = attached((_request, response) => response.end('served'));
    const closing = once(server.close(), 'close');
    const [ours, theirs] = duplexPair();
    server.emit('connection', theirs);
    using talk = new Talk(ours);
    talk.ask('/');
    await promptly(talk.hears('served'));
    expect(talk.received).toMatch(/connection: close/i);
    await promptly(closing);
    await promptly(talk.ended());
  });

  it('emits `close` when it listens again while one that it was handed goes on', async () => {
    const entered = deferred();
    const { server } = attached(() => entered.resolve());
    const [ours, theirs] = duplexPair();
    server.emit('connection', theirs);
    using talk = new Talk(ours);
    talk.ask('/');
    await entered.promise;
    const closing = watched(once(server.close(), 'close'));
    await settled();
    expect(closing.over).toBe(false);
    await listen(server);
    await promptly(closing.promise);
    theirs.destroy();
    await promptly(once(server.close(), 'close'));
  });

  it('that speaks HTTP/2 closes', async () => {
    const server = createHttp2Server();
    drainOnClose(server, new Scheduler());
    const [ours, theirs] = duplexPair();
    server.emit('connection', theirs);
    await promptly(once(server.close(), 'close'));
    expect(theirs.closed).toBe(true);
    ours.destroy();
  });
});
