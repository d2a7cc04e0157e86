import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import {
  gracefulShutdown,
  jobsPlugin,
  type ShutdownHandle,
  type ShutdownReport,
  spawn,
} from '@outlive/fastify';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Client } from '@outlive/test-support/client';
import { until } from '@outlive/test-support/conditions';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { promptly } from '@outlive/test-support/watched';
import { versions } from '../support/versions.ts';

keepExitCode();

/** What `@fastify/websocket` does: routes upgrades, and closes the sockets before the app closes. */
const sockets = fp(async (fastify: FastifyInstance) => {
  const open = new Set<Socket>();
  fastify.server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    // A job that lasts as long as its socket.
    void spawn(
      request,
      () =>
        new Promise((resolve) => {
          socket.once('close', resolve);
        }),
    );
  });
  fastify.addHook('preClose', async () => {
    for (const socket of open) socket.destroy();
  });
});

/** Ways to register the plugin that closes sockets. */
const orders: Record<string, (app: FastifyInstance) => Promise<void>> = {
  'before ours': async (app) => {
    await app.register(sockets);
    await app.register(jobsPlugin);
  },
  'after ours': async (app) => {
    await app.register(jobsPlugin);
    await app.register(sockets);
  },
  'in a plugin of its own': async (app) => {
    await app.register(jobsPlugin);
    await app.register(async (child) => {
      await child.register(async () => undefined);
      await child.register(sockets);
    });
  },
  'beside one of its own that has ours': async (app) => {
    await app.register(async (child) => {
      await child.register(jobsPlugin);
    });
    await app.register(async (child) => {
      await child.register(sockets);
    });
  },
};

type Close = (
  app: FastifyInstance,
  shutdown: ShutdownHandle,
) => Promise<Pick<ShutdownReport, 'failed' | 'cancelled'>>;

const ways: [way: string, close: Close][] = [
  [
    'app.close()',
    async (app) => {
      await app.close();
      return { failed: 0, cancelled: [] };
    },
  ],
  ['gracefulShutdown(app)', async (_app, shutdown) => shutdown.shutdown()],
];

describe.each(versions)('%s', (_name, framework) => {
  describe.each(Object.entries(orders))('a preClose hook of a plugin, %s', (_order, register) => {
    it.each(ways)('comes before jobs are waited for: %s', async (_way, close) => {
      const app = framework() as unknown as FastifyInstance;
      await register(app);
      const shutdown = gracefulShutdown(app, { signals: [], timeout: Infinity });
      await app.listen({ port: 0 });
      const { port } = app.server.address() as { port: number };
      using client = new Client({ port });
      client.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      await client.answers(1);
      const { failed, cancelled } = await promptly(close(app, shutdown));
      expect([failed, cancelled]).toEqual([0, []]);
      await until(() => client.socket.destroyed);
    });
  });
});
