import { type EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { drainOnClose, jobsListener, Scheduler } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { closed, settled, until } from '@outlive/test-support/conditions';
import { collected } from '@outlive/test-support/gc';
import { listen } from '@outlive/test-support/server';
import { promptly, watched } from '@outlive/test-support/watched';
import { serverDrain } from '../../src/closing/registry.ts';
import { HeldWork } from '../support/held-work.ts';
import { type Listener, route, serve, serveJobs } from '../support/serve-jobs.ts';

type Counts = Record<string, number>;

function listenersOf(emitter: EventEmitter): Counts {
  return Object.fromEntries(
    emitter.eventNames().map((event) => [String(event), emitter.listenerCount(event)]),
  );
}

interface Seen {
  readonly server: Counts;
  readonly socket: Counts;
  readonly request: Counts;
  readonly response: Counts;
}

/** The listeners that there are while a request is served, and when its server has closed. */
async function listeners(make: (listener: Listener) => Server): Promise<[Seen, Seen]> {
  const seen: [IncomingMessage, ServerResponse][] = [];
  const look = (): Seen => {
    const [request, response] = seen[0] as [IncomingMessage, ServerResponse];
    return {
      server: listenersOf(server),
      socket: listenersOf(request.socket),
      request: listenersOf(request),
      response: listenersOf(response),
    };
  };
  let served: Seen | undefined;
  const server = make((request, response) => {
    seen.push([request, response]);
    served = look();
    response.end('ok');
  });
  const port = await listen(server);
  using client = new Client({ port });
  client.send('GET', '/');
  await client.answers(1, 'ok');
  const [request] = seen[0] as [IncomingMessage, ServerResponse];
  const ended = closed(request.socket);
  await promptly(once(server.close(), 'close'));
  await ended;
  await settled();
  return [served as Seen, look()];
}

describe('a server that drains', () => {
  it('serves a request without jobs with one listener more, on its connection', async () => {
    await using scheduler = new Scheduler();
    const [bare] = await listeners((listener) => createServer(listener));
    const [ours] = await listeners((listener) => {
      const server = createServer(jobsListener(listener, scheduler));
      drainOnClose(server, scheduler);
      return server;
    });
    expect(ours).toEqual({
      ...bare,
      socket: { ...bare.socket, close: (bare.socket['close'] ?? 0) + 1 },
    });
  });

  it('keeps no listener when it has closed', async () => {
    await using scheduler = new Scheduler();
    const [, bare] = await listeners((listener) => createServer(listener));
    const [, ours] = await listeners((listener) => {
      const server = createServer(jobsListener(listener, scheduler));
      drainOnClose(server, scheduler);
      return server;
    });
    expect(ours).toEqual(bare);
  });

  it('adds no listener to a connection with its second request', async () => {
    const counts: Counts[] = [];
    await using serving = await serveJobs({
      '/': ({ socket }, response) => {
        counts.push(listenersOf(socket));
        response.end('ok');
      },
    });
    using client = new Client(serving);
    for (const count of [1, 2, 3, 4]) {
      client.send('GET', '/');
      await client.answers(count, 'ok');
    }
    // The first attached the server, and so came before the connection was known.
    expect(counts[3]).toEqual(counts[1]);
  });

  it('keeps no answered request in memory while its connection idles', async () => {
    const requests: WeakRef<IncomingMessage>[] = [];
    await using serving = await serveJobs({
      '/': (request, response) => {
        requests.push(new WeakRef(request));
        response.end('ok');
      },
    });
    using client = new Client(serving);
    for (const count of [1, 2]) {
      client.send('GET', '/');
      await client.answers(count, 'ok');
    }
    expect(requests).toHaveLength(2);
    expect(await collected(requests)).toBe(true);
    expect(client.socket.destroyed).toBe(false);
  });
});

const methods = ['emit', 'close', 'closeIdleConnections'] as const;

describe('a server that is let go', () => {
  it('has the methods of its prototype again, and none of its own', () => {
    const server = createServer();
    const drain = serverDrain(server);
    expect(methods.map((method) => Object.hasOwn(server, method))).toEqual([true, true, true]);
    drain.unpatch();
    expect(methods.map((method) => Object.hasOwn(server, method))).toEqual([false, false, false]);
  });

  it('has its own methods again, as they were', () => {
    const server = createServer();
    for (const method of methods) {
      const value = (...args: unknown[]): unknown =>
        Reflect.apply(Object.getPrototypeOf(server)[method], server, args);
      Object.defineProperty(server, method, { value, writable: true, configurable: true });
    }
    const before = Object.getOwnPropertyDescriptors(server);
    serverDrain(server).unpatch();
    expect(Object.getOwnPropertyDescriptors(server)).toEqual(before);
  });

  it('keeps the methods that somebody has put over ours', async () => {
    const server = createServer((_request, response) => response.end('ok'));
    const drain = serverDrain(server);
    const { close } = server;
    let calls = 0;
    server.close = (callback) => {
      calls += 1;
      return close.call(server, callback);
    };
    const { close: theirs } = server;
    drain.unpatch();
    expect(server.close).toBe(theirs);
    await listen(server);
    await promptly(once(server.close(), 'close'));
    expect(calls).toBe(1);
  });

  it('is hooked into again by the next request, whose job holds its close', async () => {
    const work = new HeldWork();
    const listener = jobsListener(route(work.routes));
    const server = createServer(listener);
    await using serving = await serve(server, listener.scheduler);
    await fetchFrom(serving, '/quick');
    serverDrain(server).unpatch();
    expect(Object.hasOwn(server, 'emit')).toBe(false);
    await fetchFrom(serving, '/job');
    const closing = watched(once(server.close(), 'close'));
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
  });

  it('after a close is hooked into again as one that is open', async () => {
    const work = new HeldWork();
    const listener = jobsListener(route(work.routes));
    const server = createServer(listener);
    await using serving = await serve(server, listener.scheduler);
    await fetchFrom(serving, '/quick');
    await promptly(once(server.close(), 'close'));
    serverDrain(server).unpatch();
    const port = await listen(server);
    using client = new Client({ port });
    for (const count of [1, 2]) {
      client.send('GET', '/quick');
      await client.answers(count, 'quick');
    }
    expect(client.received).not.toMatch(/connection: close/i);
    const closing = once(server.close(), 'close');
    await promptly(once(client.socket, 'close'));
    await promptly(closing);
    await until(() => !server.listening);
  });
});
