import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import {
  after,
  disconnectSignal,
  drainOnClose,
  getScheduler,
  getSchedulerFromRequest,
  jobsListener,
  Scheduler,
  spawn,
} from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { serve, type Serving } from '../support/serve-jobs.ts';

interface Upgrading extends Serving {
  readonly client: Client;
  /** Asks for an upgrade; resolves to what came of it. */
  ask(): Promise<unknown>;
}

/** A server that takes upgrades, with a client. */
async function serveUpgrades(
  listener: RequestListener,
  onUpgrade: (request: IncomingMessage) => unknown,
  set: (server: Server) => void = () => undefined,
): Promise<Upgrading> {
  const { promise: outcome, resolve } = deferred<unknown>();
  const server = createServer(listener);
  set(server);
  server.on('upgrade', (request, socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end()).resume();
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    try {
      resolve(onUpgrade(request));
    } catch (error) {
      resolve(error);
    }
  });
  const serving = await serve(server);
  const client = new Client(serving);
  return {
    ...serving,
    client,
    ask: async () => {
      const lines = ['GET /ws HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: x'];
      client.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      return outcome;
    },
    [Symbol.asyncDispose]: async () => {
      client[Symbol.dispose]();
      await serving[Symbol.asyncDispose]();
    },
  };
}

const plain: RequestListener = (_request, response) => response.end();

describe('an upgrade request belongs to the scheduler of its server', () => {
  it('when a jobs middleware has run on an earlier request', async () => {
    const listener = jobsListener(plain);
    await using serving = await serveUpgrades(listener, getScheduler);
    await fetchFrom(serving, '/');
    expect(await serving.ask()).toBe(listener.scheduler);
  });

  it('when it is the first request of all', async () => {
    const listener = jobsListener(plain);
    await using serving = await serveUpgrades(listener, getScheduler);
    expect(await serving.ask()).toBe(listener.scheduler);
  });

  it('when it is attached as a whole', async () => {
    const scheduler = new Scheduler();
    await using serving = await serveUpgrades(plain, getSchedulerFromRequest, (server) => {
      drainOnClose(server, scheduler);
    });
    expect(await serving.ask()).toBe(scheduler);
  });

  it('also when that comes later than the request', async () => {
    const scheduler = new Scheduler();
    const kept = deferred<IncomingMessage>();
    await using serving = await serveUpgrades(plain, (request) => {
      kept.resolve(request);
    });
    await serving.ask();
    const request = await kept.promise;
    expect(getSchedulerFromRequest(request)).toBeUndefined();
    drainOnClose(serving.server, scheduler);
    expect(getScheduler(request)).toBe(scheduler);
  });

  it('so that the close of the server waits for its jobs', async () => {
    const release = deferred();
    await using serving = await serveUpgrades(jobsListener(plain), (request) =>
      spawn(request, () => release.promise),
    );
    await serving.ask();
    const closed = deferred();
    serving.server.close(() => {
      closed.resolve();
    });
    serving.client[Symbol.dispose]();
    let early = true;
    void closed.promise.then(() => {
      expect(early).toBe(false);
    });
    await until(() => !serving.server.listening);
    early = false;
    release.resolve();
    await closed.promise;
  });

  it.each(['FIN', 'RST'] as const)('with signals and `after` by its socket: %s', async (how) => {
    const told: string[] = [];
    await using serving = await serveUpgrades(jobsListener(plain), (request) => {
      disconnectSignal(request).addEventListener('abort', () => told.push('gone'));
      after(request, () => told.push('after'));
    });
    await serving.ask();
    await serving.client.answers(1);
    expect(told).toEqual([]);
    serving.client.leave(how);
    await until(() => told.length === 2);
    expect(told.toSorted()).toEqual(['after', 'gone']);
  });
});

describe('an upgrade request of no scheduler', () => {
  it('is told that its server has none', async () => {
    await using serving = await serveUpgrades(plain, getScheduler);
    const error = await serving.ask();
    expect(error).toMatchObject({ code: 'ERR_SCHEDULER_MISSING' });
    expect(String(error)).toMatch(/upgrade request.*has none so far.*drainOnClose\(server/);
  });

  it('is told that its server has several', async () => {
    await using serving = await serveUpgrades(plain, getScheduler, (server) => {
      for (const scheduler of [new Scheduler(), new Scheduler()]) drainOnClose(server, scheduler);
    });
    const error = await serving.ask();
    expect(error).toMatchObject({ code: 'ERR_SCHEDULER_MISSING' });
    expect(String(error)).toMatch(/its server has 2/);
  });
});

describe('a request bound by another copy of the package', () => {
  it('is told so, with where both are, and not that a line is missing', async () => {
    const other = jest.requireActual<typeof import('@outlive/http')>('@outlive/http');
    let copy: typeof import('@outlive/http') = other;
    jest.isolateModules(() => {
      copy = require('@outlive/http') as typeof import('@outlive/http');
    });
    const told = deferred<unknown>();
    const server = createServer(
      copy.jobsListener((request, response) => {
        try {
          getScheduler(request);
        } catch (error) {
          told.resolve(error);
        }
        response.end();
      }),
    );
    await using serving = await serve(server);
    await fetchFrom(serving, '/');
    const error = await told.promise;
    expect(error).toMatchObject({ code: 'ERR_SCHEDULER_MISSING' });
    expect(String(error)).toMatch(/another copy of @outlive\/http.*packages\/http\/src/);
    expect(String(error)).not.toMatch(/Add it before/);
  });
});
