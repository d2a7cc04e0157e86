import { once } from 'node:events';
import { createServer } from 'node:http';
import { Server as NetServer } from 'node:net';
import { promisify } from 'node:util';
import { atomic, drainOnClose, jobsListener, spawn } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { promptly, watched } from '@outlive/test-support/watched';
import { closesItself, hasNoConnections } from '../support/closes-itself.ts';
import { HeldWork } from '../support/held-work.ts';
import { serve, serveJobs } from '../support/serve-jobs.ts';

describe('a job that closes its own server and waits for it', () => {
  it('is not waited for', async () => {
    await using serving = await serveJobs({
      '/': async (request, response) => {
        await spawn(request, () => closesItself(request, response));
      },
    });
    // Its client leaves, so that the connection does not keep the server open.
    using client = new Client(serving);
    const closed = once(serving.server, 'close');
    client.send('GET', '/');
    await until(() => !serving.server.listening);
    client.leave('FIN');
    await promptly(closed);
    await promptly(serving.scheduler.idle());
  });

  it('waits for the other jobs of the server, and for their connections', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    const { scheduler, server } = serving;
    await fetchFrom(serving, '/job');
    const job = scheduler.spawnNow(async () => promisify(server.close.bind(server))());
    const closing = watched(job.wait());
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
    expect(work.done).toEqual(['job']);
  });

  it('is not waited for where the whole scheduler is tied to the server', async () => {
    await using serving = await serveJobs({});
    const { scheduler, server } = serving;
    drainOnClose(server, scheduler);
    const job = scheduler.spawnNow(async () => promisify(server.close.bind(server))());
    await promptly(job.wait());
  });

  it('is not waited for either when somebody else has called close() before', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs({
      '/': async (request, response) => {
        await spawn(request, async () => {
          await work.run('entered')();
          await promisify(serving.server.close.bind(serving.server))().catch(() => {});
        });
        response.end();
      },
    });
    await fetchFrom(serving, '/');
    const closing = once(serving.server.close(), 'close');
    work.release();
    await promptly(closing);
    await promptly(serving.scheduler.idle());
  });
});

describe('a handler that has ended its response', () => {
  it('is waited for though the last connection ended in its own context', async () => {
    const work = new HeldWork();
    const listener = jobsListener(
      atomic(async (_request, response) => {
        await work.run('begun')();
        response.end('answered');
        await more.run('more')();
      }),
    );
    const more = new HeldWork();
    const server = createServer(listener);
    await using serving = await serve(server, listener.scheduler);
    using client = new Client(serving);
    client.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await work.entered.promise;
    // Past all that could tell where the call comes from.
    const closing = watched(
      new Promise((resolve) => NetServer.prototype.close.call(server, resolve)),
    );
    work.release();
    await more.entered.promise;
    await promptly(once(client.socket, 'close'));
    await until(() => hasNoConnections(server));
    await settled();
    expect(closing.over).toBe(false);
    more.release();
    await promptly(closing.promise);
  });
});
