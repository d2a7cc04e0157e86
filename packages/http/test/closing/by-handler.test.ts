import { once } from 'node:events';
import { type IncomingMessage, Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { atomic, drainOnClose, jobsListener } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { listen } from '@outlive/test-support/server';
import { promptly } from '@outlive/test-support/watched';
import { closesItself, hasNoConnections } from '../support/closes-itself.ts';
import { HeldWork } from '../support/held-work.ts';
import { serve, serveJobs } from '../support/serve-jobs.ts';

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
    await until(() => hasNoConnections(server));
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

  it('waits for the connections that speak another protocol', async () => {
    await using serving = await serveJobs({ '/': atomic(closesItself) });
    drainOnClose(serving.server, serving.scheduler);
    const upgrade = once(serving.server, 'upgrade') as Promise<[IncomingMessage, Socket]>;
    using other = new Client(serving);
    other.socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
    const [, upgraded] = await upgrade;
    using client = new Client(serving);
    client.send('GET', '/');
    await until(() => !serving.server.listening);
    await settled();
    expect(client.received).toBe('');
    upgraded.destroy();
    await promptly(client.answers(1, 'closed'));
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

describe('an atomic handler that closes its own server and does not wait', () => {
  it('has its answer sent before anybody is told of the close', async () => {
    let sent: boolean | undefined;
    await using serving = await serveJobs({
      '/': atomic(async (_request, response) => {
        serving.server.close(() => {
          sent = hasNoConnections(serving.server);
        });
        response.end(Buffer.alloc(16 * 1024 * 1024));
      }),
    });
    using client = new Client(serving);
    client.socket.pause();
    client.send('GET', '/');
    await until(() => !serving.server.listening);
    await settled();
    expect(sent).toBeUndefined();
    client.socket.resume();
    await until(() => sent !== undefined);
    expect(sent).toBe(true);
  });
});
