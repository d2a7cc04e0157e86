import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { once } from 'node:events';
import {
  type Agent,
  get as httpGet,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { atomic, gracefulShutdown, jobsPlugin } from '@outlive/fastify';
import { gracefulShutdown as shutdownOfHttp } from '@outlive/http';
import { closed, settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { fakeTimers } from '@outlive/test-support/fake-timers';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { failureOf } from '@outlive/test-support/failure';
import { KeepAlive } from '@outlive/test-support/keep-alive';
import { promptly, watched } from '@outlive/test-support/watched';
import { versions } from '../support/versions.ts';

keepExitCode();

const addresses: LookupAddress[] = ['127.0.0.1', '127.0.0.2'].map((address) => ({
  address,
  family: 4,
}));

function lookUp(name: string, ...rest: unknown[]): void {
  const callback = rest.pop() as (error: null, ...found: unknown[]) => void;
  const [options] = rest as [LookupOptions?];
  const found = name === 'localhost' ? addresses : [{ address: name, family: 4 }];
  setImmediate(() => {
    if (options?.all === true) callback(null, found);
    else callback(null, found[0]?.address, 4);
  });
}

// Mostly those are 127.0.0.1 and ::1, but not every machine has the latter.
beforeEach(() => {
  jest.spyOn(dns, 'lookup').mockImplementation(lookUp);
});

afterEach(() => {
  jest.restoreAllMocks();
});

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Serving {
  readonly app: FastifyInstance;
  /** Asks at the second address. */
  readonly ask: (path: string, agent?: Agent) => Promise<Answer>;
  /** A connection to the second address, on which nothing is said. */
  readonly connection: () => Promise<Socket>;
  /** The server at the second address, once it has been asked. */
  readonly second: () => Server;
  /** Lets `/held` answer. */
  readonly release: () => void;
  readonly entered: Promise<void>;
  /** What has happened so far. */
  readonly events: string[];
}

describe.each(versions)('%s on a localhost that has two addresses', (_name, fastify) => {
  /** Sets an app up, which can still be extended until it `listens()`. */
  async function setUp({ plugin = true, ...options }: Options = {}) {
    const app = fastify(options);
    const [held, entered] = [deferred(), deferred()];
    const events: string[] = [];
    let second: Server | undefined;
    if (plugin) await app.register(jobsPlugin);
    app.addHook('onClose', async () => void events.push('plugin closed'));
    app.get('/quick', async ({ raw }) => {
      ({ server: second } = raw.socket as unknown as { server: Server });
      return 'quick';
    });
    app.get('/held', async () => {
      entered.resolve();
      await held.promise;
      events.push('answered');
      return 'held';
    });
    const listens = async (): Promise<Serving> => {
      await app.listen({ port: 0, host: 'localhost' });
      const { port } = app.server.address() as AddressInfo;
      const host = '127.0.0.2';
      return {
        app,
        ask: async (path, agent) => {
          const request = httpGet({ host, port, path, agent: agent ?? false });
          const [response] = (await once(request, 'response')) as [IncomingMessage];
          return { headers: response.headers, body: await text(response) };
        },
        connection: async () => {
          const socket = connect(port, host);
          socket.on('error', () => undefined);
          await once(socket, 'connect');
          return socket;
        },
        second: () => second as Server,
        release: held.resolve,
        entered: entered.promise,
        events,
      };
    };
    return { app, listens };
  }

  type Options = FastifyServerOptions & { plugin?: boolean };

  async function serve(options?: Options): Promise<Serving> {
    const { listens } = await setUp(options);
    return listens();
  }

  it('is served by two servers', async () => {
    const { app, ask, second } = await serve();
    await ask('/quick');
    expect(second()).not.toBe(app.server);
    await app.close();
  });

  describe('close()', () => {
    it('waits for a request in flight on the second, before any plugin is closed', async () => {
      const { app, ask, release, entered, events } = await serve();
      const answer = ask('/held');
      await entered;
      const closing = watched(Promise.resolve(app.close()));
      await until(() => !app.server.listening);
      await settled();
      expect([closing.over, events]).toEqual([false, []]);
      release();
      expect(await answer).toMatchObject({ body: 'held', headers: { connection: 'close' } });
      await promptly(closing.promise);
      expect(events).toEqual(['answered', 'plugin closed']);
    });

    it('waits for it also where the first server is closed by itself', async () => {
      const { app, ask, release, entered, second } = await serve();
      await ask('/quick');
      const answer = ask('/held');
      await entered;
      const closing = watched(once(app.server.close(), 'close'));
      await until(() => !second().listening);
      await settled();
      expect(closing.over).toBe(false);
      release();
      await answer;
      await promptly(closing.promise);
      await app.close();
    });

    it('ends idle connections of the second, and those on which nothing was said', async () => {
      const { app, ask, connection } = await serve();
      using client = new KeepAlive();
      await ask('/quick', client.agent);
      const [idle] = client.idle;
      const silent = await connection();
      // It has been accepted as well then.
      await ask('/quick');
      const ends = [idle as Socket, silent].map(async (socket) => closed(socket));
      await promptly(Promise.resolve(app.close()));
      await promptly(Promise.all(ends));
    });

    it('ends a kept connection of the second as soon as its response, begun before, is sent', async () => {
      const { app, listens } = await setUp();
      const [held, begun] = [deferred(), deferred()];
      app.get('/begun', async (_request, reply) => {
        reply.hijack();
        reply.raw.writeHead(200);
        reply.raw.write('half ');
        begun.resolve();
        await held.promise;
        reply.raw.end('full');
      });
      const { ask } = await listens();
      using client = new KeepAlive();
      const answer = ask('/begun', client.agent);
      await begun.promise;
      const closing = Promise.resolve(app.close());
      await until(() => !app.server.listening);
      held.resolve();
      expect((await answer).body).toBe('half full');
      await promptly(closing);
    });

    it('cuts them off where forceCloseConnections asks for that', async () => {
      const { app, ask, entered } = await serve({ forceCloseConnections: true });
      const answer = ask('/held');
      await entered;
      const cut = failureOf(answer);
      await promptly(Promise.resolve(app.close()));
      expect(await cut).toBe('ECONNRESET');
    });
  });

  describe.each([
    ['with the plugin', true, gracefulShutdown],
    ['without the plugin', false, gracefulShutdown],
    ['of @outlive/http, with the plugin', true, shutdownOfHttp],
  ])('gracefulShutdown() %s', (_which, plugin, shutDown) => {
    it('waits for a request in flight on the second', async () => {
      const { app, ask, release, entered, events } = await serve({ plugin });
      const shutdown = shutDown(app, {
        signals: [],
        onShutdown: () => void events.push('onShutdown'),
      });
      const answer = ask('/held');
      await entered;
      const report = watched(shutdown.shutdown());
      await until(() => !app.server.listening);
      await settled();
      expect([report.over, events]).toEqual([false, []]);
      release();
      expect(await answer).toMatchObject({ body: 'held', headers: { connection: 'close' } });
      expect(await promptly(report.promise)).toMatchObject({ destroyedResponses: [] });
      expect(events).toEqual(['answered', 'plugin closed', 'onShutdown']);
      expect(process.exitCode).toBe(0);
    });

    it('destroys it, and reports that, when the time is up', async () => {
      const { app, ask, entered } = await serve({ plugin });
      const shutdown = shutDown(app, { signals: [], timeout: 50 });
      const cut = failureOf(ask('/held'));
      await entered;
      expect(await promptly(shutdown.shutdown())).toMatchObject({
        destroyedResponses: [{ method: 'GET', url: '/held' }],
      });
      expect(await cut).toBe('ECONNRESET');
    });

    it('serves the second in the delay, with `Connection: close`', async () => {
      using timers = fakeTimers();
      const { app, ask } = await serve({ plugin });
      const shutdown = shutDown(app, { signals: [], delay: 1_000 });
      using client = new KeepAlive();
      await ask('/quick', client.agent);
      const report = shutdown.shutdown();
      expect(await ask('/quick', client.agent)).toMatchObject({
        body: 'quick',
        headers: { connection: 'close' },
      });
      await timers.after(1_000);
      await promptly(report);
    });

    it('ends a connection of the second on which nothing was said', async () => {
      const { app, ask, connection } = await serve({ plugin });
      const shutdown = shutDown(app, { signals: [] });
      const silent = await connection();
      await ask('/quick');
      await promptly(Promise.all([shutdown.shutdown(), closed(silent)]));
    });
  });

  it('leaves an atomic handler on the second out that waits for shutdown({ from: request })', async () => {
    const { app, listens } = await setUp();
    const shutdown = gracefulShutdown(app, { signals: [], timeout: Infinity });
    app.get(
      '/restart',
      atomic(async (request) => {
        await shutdown.shutdown({ from: request });
        return 'restarted';
      }),
    );
    const { ask, second } = await listens();
    await ask('/quick');
    expect(await promptly(ask('/restart'))).toMatchObject({
      headers: { connection: 'close' },
      body: 'restarted',
    });
    expect(shutdown.report).toMatchObject({ abandoned: [], destroyedResponses: [] });
    expect([app.server.listening, second().listening]).toEqual([false, false]);
  });

  it('leaves both servers as they were when it has been shut down', async () => {
    const { app, ask, second } = await serve({ plugin: false });
    await ask('/quick');
    const servers = [app.server, second()];
    const before = servers.map(Object.keys);
    await gracefulShutdown(app, { signals: [] }).shutdown();
    expect(servers.map(Object.keys)).toEqual(before);
  });

  it('leaves both servers alone when its shutdown was taken back before it listened', async () => {
    const { app, listens } = await setUp({ plugin: false });
    gracefulShutdown(app, { signals: [] }).dispose();
    const { ask, second } = await listens();
    await ask('/quick');
    for (const server of [app.server, second()]) expect(Object.keys(server)).not.toContain('emit');
    await app.close();
  });

  it('ends HTTP/2 sessions of the second with GOAWAY, once their streams are answered', async () => {
    const { app, listens } = await setUp({ http2: true } as object);
    const { release, entered, events } = await listens();
    const { port } = app.server.address() as AddressInfo;
    const session = connectHttp2(`http://127.0.0.2:${port}`);
    const goaway = once(session, 'goaway');
    const answer = text(session.request({ ':path': '/held' }));
    await entered;
    const closing = watched(Promise.resolve(app.close()));
    await promptly(goaway);
    expect(closing.over).toBe(false);
    release();
    expect(await answer).toBe('held');
    await promptly(closing.promise);
    expect(events).toEqual(['answered', 'plugin closed']);
    session.destroy();
  });
});
