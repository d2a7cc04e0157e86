import { once } from 'node:events';
import type { Socket } from 'node:net';
import { spawn } from '@outlive/http';
import { fetchFrom, Client } from '@outlive/test-support/client';
import { aborted, closed, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { failureOf } from '@outlive/test-support/failure';
import { KeepAlive } from '@outlive/test-support/keep-alive';
import { duration } from '@outlive/test-support/watched';
import { serve } from '../support/shutdown.ts';

// What happens, in the order in which it happens; of the delay in graceful-shutdown-delay.test.ts.

keepExitCode();

/** How many ms after its last response a server ends whose client would keep the connection. */
async function endsAfter(): Promise<number> {
  const { promise: held, resolve: release } = deferred();
  await using served = await serve(async (_req, res) => {
    res.write('begun ');
    await held;
    res.end('ended');
  });
  using client = new KeepAlive();
  const answer = fetchFrom(served, '/', { agent: client.agent });
  await once(served.server, 'request');
  const shutdown = served.shutdown.shutdown();
  await until(() => !served.server.listening);
  release();
  expect(await answer).toMatchObject({ body: 'begun ended' });
  return await duration(shutdown);
}

describe('after the delay', () => {
  it('refuses new connections, while requests finish', async () => {
    const { promise: held, resolve: release } = deferred();
    await using served = await serve(async (_req, res) => {
      await held;
      res.end('held');
    });
    const answer = fetchFrom(served, '/');
    await once(served.server, 'request');
    const shutdown = served.shutdown.shutdown();
    await until(() => !served.server.listening);
    expect(await failureOf(fetchFrom(served, '/'))).toBe('ECONNREFUSED');
    release();
    expect(await answer).toMatchObject({ body: 'held' });
    await shutdown;
  });

  it('ends connections that are idle or never sent a request', async () => {
    const { promise: held, resolve: release } = deferred();
    await using served = await serve(async (_req, res) => {
      await held;
      res.end();
    });
    const answer = fetchFrom(served, '/');
    await once(served.server, 'request');
    using silent = new Client(served);
    await once(silent.socket, 'connect');
    const shutdown = served.shutdown.shutdown();
    await closed(silent.socket);
    release();
    await Promise.all([answer, shutdown]);
  });

  it('ends within 100 ms of the last response, though clients would keep the connection', async () => {
    // A bound of the contract, and as much again for a busy machine. That may stop for a while, but not each time.
    const bound = 200;
    let took = Infinity;
    for (let time = 0; time < 10 && took >= bound; time += 1) took = await endsAfter();
    expect(took).toBeLessThan(bound);
  });

  it('waits for the jobs of requests, and for what those spawn', async () => {
    const { promise: held, resolve: release } = deferred();
    const ended: string[] = [];
    await using served = await serve(async (req, res) => {
      await spawn(req, async () => {
        await held;
        await spawn(req, async () => void ended.push('inner'));
        ended.push('outer');
      });
      res.end();
    });
    await fetchFrom(served, '/');
    const shutdown = served.shutdown.shutdown();
    await until(() => !served.server.listening);
    release();
    expect(await shutdown).toMatchObject({ completed: 2, cancelled: [], abandoned: [] });
    expect(ended.toSorted()).toEqual(['inner', 'outer']);
  });
});

describe('when the time is up', () => {
  it('cancels the jobs, then destroys unfinished responses, and names both', async () => {
    const openWhenCancelled: boolean[] = [];
    await using served = await serve(
      async (req) => {
        await spawn(
          req,
          async ({ signal }) => {
            await aborted(signal);
            openWhenCancelled.push(!req.socket.destroyed);
            signal.throwIfAborted();
          },
          { name: 'mail' },
        );
      },
      { timeout: 100 },
    );
    const cut = failureOf(fetchFrom(served, '/orders'));
    await once(served.server, 'request');
    const report = await served.shutdown.shutdown();
    expect(await cut).toBe('ECONNRESET');
    expect(openWhenCancelled).toEqual([true]);
    expect(report.cancelled.map(({ name }) => name)).toEqual(['mail']);
    expect(report.destroyedResponses).toEqual([{ method: 'GET', url: '/orders' }]);
    expect(served.shutdown.report).toBe(report);
    expect(process.exitCode).toBe(1);
  });
});

describe('at the end', () => {
  it('closes the schedulers, then calls onShutdown, then sets the exit code', async () => {
    const seen: unknown[] = [];
    await using served = await serve((_req, res) => res.end(), {
      onShutdown: () => {
        seen.push(served.scheduler.closed, served.shutdown.report?.completed, process.exitCode);
      },
    });
    await fetchFrom(served, '/');
    await served.shutdown.shutdown();
    expect(seen).toEqual([true, 0, undefined]);
    expect(process.exitCode).toBe(0);
  });

  it('counts jobs that failed by themselves as finished', async () => {
    await using served = await serve(async (req, res) => {
      const job = await spawn(req, async () => {
        throw new Error('failed');
      });
      await job.wait().catch(() => undefined);
      res.end();
    });
    await fetchFrom(served, '/');
    expect(await served.shutdown.shutdown()).toMatchObject({ abandoned: [], cancelled: [] });
    expect(process.exitCode).toBe(0);
  });
});

describe('an upgraded socket', () => {
  it('may say goodbye within the closeTimeout, when all else has ended', async () => {
    await using served = await serve((_req, res) => res.end());
    served.server.on('upgrade', (_req, socket: Socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      served.scheduler.drainSignal.addEventListener('abort', () => {
        setTimeout(() => socket.end('goodbye'), 10);
      });
    });
    await fetchFrom(served, '/');
    using client = new Client(served);
    client.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await client.answers(1);
    const shutdown = served.shutdown.shutdown();
    await closed(client.socket);
    expect(client.received).toContain('goodbye');
    await shutdown;
  });

  it('is destroyed if it does not', async () => {
    await using served = await serve((_req, res) => res.end());
    served.server.on('upgrade', (_req, socket: Socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      socket.on('error', () => undefined);
    });
    using client = new Client(served);
    client.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await client.answers(1);
    await served.shutdown.shutdown();
    await closed(client.socket);
  });
});
