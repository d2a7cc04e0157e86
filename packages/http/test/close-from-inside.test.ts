import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { Server as NetServer } from 'node:net';
import { promisify } from 'node:util';
import { atomic, drainOnClose, jobsListener, spawn } from '@outlive/http';
import { Client, fetchFrom } from '../../conformance/src/support/client.ts';
import { settled, until } from '../../conformance/src/support/conditions.ts';
import { HeldWork } from './support/held-work.ts';
import { type Listener, listen, serve, serveJobs } from './support/serve-jobs.ts';
import { promptly, watched } from './support/watched.ts';

/** Closes its own server and waits for that, then answers. */
const closesItself: Listener = async ({ socket }, response) => {
  const { server } = socket as unknown as { server: Server };
  await promisify(server.close.bind(server))();
  response.end('closed');
};

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

describe('an atomic handler that closes its own server and waits for it', () => {
  it('is not waited for, and neither is its response', async () => {
    await using serving = await serveJobs({ '/': atomic(closesItself) });
    using client = new Client(serving);
    client.send('GET', '/');
    await promptly(client.answers(1, 'closed'));
    expect(client.received).toMatch(/connection: close/i);
    await promptly(once(client.socket, 'close'));
  });

  it('is not waited for either by a close() of the prototype', async () => {
    await using serving = await serveJobs({
      '/': atomic(async (_request, response) => {
        await new Promise((resolve) => Server.prototype.close.call(serving.server, resolve));
        response.end('closed');
      }),
    });
    using client = new Client(serving);
    client.send('GET', '/');
    await promptly(client.answers(1, 'closed'));
  });

  it('has the end of the close told once', async () => {
    let told = 0;
    await using serving = await serveJobs({ '/': atomic(closesItself) });
    serving.server.on('close', () => {
      told += 1;
    });
    using client = new Client(serving);
    client.send('GET', '/');
    await promptly(client.answers(1, 'closed'));
    await promptly(once(client.socket, 'close'));
    await settled();
    expect(told).toBe(1);
  });

  it('does so once as well when its client leaves meanwhile', async () => {
    const work = new HeldWork();
    let told = 0;
    await using serving = await serveJobs({ ...work.routes, '/': atomic(closesItself) });
    const { server } = serving;
    server.on('close', () => {
      told += 1;
    });
    await fetchFrom(serving, '/job');
    using client = new Client(serving);
    client.send('GET', '/');
    await until(() => !server.listening);
    await settled();
    client.leave('RST');
    await until(() => serverHasNoConnections(server));
    await settled();
    expect(told).toBe(0);
    work.release();
    await promptly(serving.scheduler.idle());
    await settled();
    expect(told).toBe(1);
  });

  it('waits for the jobs and for the responses of the others', async () => {
    const [work, other] = [new HeldWork(), new HeldWork()];
    await using serving = await serveJobs({
      '/plain': work.plain,
      '/job': other.job,
      '/': atomic(closesItself),
    });
    await fetchFrom(serving, '/job');
    using busy = new Client(serving);
    busy.send('GET', '/plain');
    await work.entered.promise;
    using client = new Client(serving);
    client.send('GET', '/');
    await until(() => !serving.server.listening);
    await settled();
    expect(client.received).toBe('');
    work.release();
    await promptly(busy.answers(1, 'late'));
    await settled();
    expect(client.received).toBe('');
    other.release();
    await promptly(client.answers(1, 'closed'));
  });

  it('waits for the other requests of its own connection', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs({ ...work.routes, '/': atomic(closesItself) });
    using client = new Client(serving);
    client.send('GET', '/plain');
    client.send('GET', '/');
    await until(() => !serving.server.listening);
    await settled();
    expect(client.received).toBe('');
    work.release();
    await promptly(client.answers(2, 'closed'));
  });

  it('may be several', async () => {
    const work = new HeldWork();
    let entered = 0;
    await using serving = await serveJobs({
      '/': atomic(async (_request, response) => {
        entered += 1;
        await work.run('entered')();
        await promisify(serving.server.close.bind(serving.server))().catch(() => {});
        response.end('closed');
      }),
    });
    using first = new Client(serving);
    using second = new Client(serving);
    first.send('GET', '/');
    second.send('GET', '/');
    await until(() => entered === 2);
    work.release();
    await promptly(Promise.all([first.answers(1, 'closed'), second.answers(1, 'closed')]));
  });

  it('is not waited for either when somebody else has called close() before', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs({
      '/': atomic(async (_request, response) => {
        await work.run('entered')();
        await promisify(serving.server.close.bind(serving.server))().catch(() => {});
        response.end('closed');
      }),
    });
    using client = new Client(serving);
    client.send('GET', '/');
    await work.entered.promise;
    const closing = once(serving.server.close(), 'close');
    work.release();
    await promptly(client.answers(1, 'closed'));
    await promptly(closing);
  });

  it('leaves a server that may listen again, whose next close is told', async () => {
    await using serving = await serveJobs({ '/': atomic(closesItself) });
    const { server } = serving;
    for (let { port } = serving, round = 0; round < 2; round += 1) {
      using client = new Client({ port });
      client.send('GET', '/');
      await promptly(client.answers(1, 'closed'));
      port = await listen(server);
    }
    await promptly(new Promise((resolve) => Server.prototype.close.call(server, resolve)));
  });

  it('is not waited for over HTTP/2', async () => {
    const listener = jobsListener(atomic(closesItself));
    const server = createHttp2Server((request, response) => {
      listener(request as never, response as never);
    });
    await using serving = await serve(server, listener.scheduler);
    const session = connectHttp2(`http://127.0.0.1:${serving.port}`);
    const stream = session.request({ ':path': '/' }).setEncoding('utf8');
    const [body] = (await promptly(once(stream, 'data'))) as [string];
    expect(body).toBe('closed');
    await promptly(once(session, 'close'));
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
    await until(() => serverHasNoConnections(server));
    await settled();
    expect(closing.over).toBe(false);
    more.release();
    await promptly(closing.promise);
  });
});

function serverHasNoConnections(server: Server): boolean {
  return (server as unknown as { _connections: number })._connections === 0;
}
