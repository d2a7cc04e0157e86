import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, createServer } from 'node:http2';
import type { Duplex } from 'node:stream';
import { atomic, drainOnClose, gracefulShutdown, jobsListener, spawn } from '@outlive/http';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { promptly, watched } from '@outlive/test-support/watched';
import { deferred } from '@outlive/test-support/deferred';
import { settled } from '@outlive/test-support/conditions';
import { listen } from '@outlive/test-support/server';
import type { Listener } from '../support/serve-jobs.ts';
import { Talk } from '../support/talk.ts';
import { transports } from '../support/transports.ts';

keepExitCode();

const handlers: readonly [string, (listener: Listener) => Listener][] = [
  ['a plain handler', (listener) => listener],
  ['an atomic handler', (listener) => atomic(listener)],
];

const cases = transports.flatMap(([name, transport]) =>
  handlers.map(([kind, wrap]) => [name, kind, transport, wrap] as const),
);

describe.each(cases)(
  "the 'close' of a server over %s, with %s",
  (_name, _kind, transport, wrap) => {
    /** A request whose client leaves; when its response closes, a job is spawned. */
    async function serve() {
      const [entered, gate, spawned] = [deferred(), deferred(), deferred()];
      const done: string[] = [];
      const seen: { connections: Duplex[]; responses: ServerResponse[] } = {
        connections: [],
        responses: [],
      };
      const listener = jobsListener(
        wrap(async (request, response) => {
          seen.responses.push(response);
          response.once('close', () => {
            void spawn(request, async () => {
              spawned.resolve();
              await gate.promise;
              done.push('job');
            });
          });
          entered.resolve();
          if (!transport.listens) await once(response, 'close');
        }),
      );
      const server = transport.makeServer(listener);
      server.on(transport.isSecure ? 'secureConnection' : 'connection', (stream: Duplex) => {
        seen.connections.push(stream);
      });
      drainOnClose(server, listener.scheduler);
      await transport.open(server);
      return { server, scheduler: listener.scheduler, entered, gate, spawned, done, seen };
    }

    function ask(server: ReturnType<typeof transport.makeServer>): Talk {
      const beneath = transport.dial(server);
      const talk = new Talk(transport.secure(beneath), beneath);
      talk.ask('/');
      return talk;
    }

    it('waits for the job that the end of the last response spawns', async () => {
      const { server, entered, gate, spawned, done, seen } = await serve();
      ask(server);
      await entered.promise;
      const closing = watched(once(server.close(), 'close'));
      for (const connection of seen.connections) connection.destroy();
      await spawned.promise;
      await settled();
      expect(closing.over).toBe(false);
      gate.resolve();
      await promptly(closing.promise);
      expect(done).toEqual(['job']);
      expect(seen.connections.map(({ closed }) => closed)).toEqual([true]);
    });

    it('comes after such a job has been accepted by a shutdown', async () => {
      const { server, entered, gate, done, seen } = await serve();
      const shutdown = gracefulShutdown(server, { signals: [] });
      ask(server);
      await entered.promise;
      const ending = shutdown.shutdown();
      for (const connection of seen.connections) connection.destroy();
      gate.resolve();
      expect(await promptly(ending)).toMatchObject({
        completed: expect.any(Number),
        neverStarted: [],
      });
      expect(done).toEqual(['job']);
    });
  },
);

describe("the 'close' of an HTTP/2 server", () => {
  test.each(['session', 'stream'])(
    'waits for the job that is spawned when the last response closes with its %s',
    async (what) => {
      const [entered, gate, spawned] = [deferred(), deferred(), deferred()];
      const done: string[] = [];
      const listener = jobsListener((request, response) => {
        response.once('close', () => {
          void spawn(request, async () => {
            spawned.resolve();
            await gate.promise;
            done.push('job');
          });
        });
        entered.resolve();
      });
      const server = createServer((request, response) => {
        listener(request as never, response as never);
      });
      drainOnClose(server, listener.scheduler);
      const session = connect(`http://127.0.0.1:${await listen(server)}`);
      const stream = session.request({ ':path': '/' }).on('error', () => {});
      await entered.promise;
      const closing = watched(once(server.close(), 'close'));
      if (what === 'session') session.destroy();
      else stream.close();
      await spawned.promise;
      await settled();
      expect(closing.over).toBe(false);
      gate.resolve();
      await promptly(closing.promise);
      expect(done).toEqual(['job']);
      session.destroy();
    },
  );
});
