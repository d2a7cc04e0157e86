import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { drainOnClose, jobsListener, Scheduler } from '@outlive/http';
import { Client, fetchFrom } from '@outlive/test-support/client';
import { settled } from '@outlive/test-support/conditions';
import { promptly, watched } from '@outlive/test-support/watched';
import { sayClose } from '../support/answers.ts';
import { HeldWork } from '../support/held-work.ts';
import { route, type Serving, serve, serveJobs } from '../support/serve-jobs.ts';

/** A client whose connection the server has accepted. */
async function connected({ server, port }: Serving): Promise<Client> {
  const accepted = once(server, 'connection');
  const client = new Client({ port });
  await accepted;
  return client;
}

const beginnings: readonly [string, (client: Client) => Promise<void>][] = [
  ['has never sent a byte', async () => {}],
  [
    'has sent half of a head',
    async ({ socket }) => {
      socket.write('GET / HTTP/1.1\r\nHost: ');
      await settled();
    },
  ],
  [
    'idles after an answer',
    async (client) => {
      client.send('GET', '/quick');
      await client.answers(1, 'quick');
    },
  ],
];

describe.each(beginnings)('a connection that %s', (_name, begin) => {
  it('ends at once when its server closes', async () => {
    await using serving = await serveJobs(new HeldWork().routes);
    await fetchFrom(serving, '/quick');
    using client = await connected(serving);
    await begin(client);
    const ended = once(client.socket, 'close');
    await promptly(once(serving.server.close(), 'close'));
    await promptly(ended);
  });

  it('ends at once when it was there before the first request', async () => {
    await using serving = await serveJobs(new HeldWork().routes);
    using client = await connected(serving);
    await begin(client);
    await fetchFrom(serving, '/quick');
    await promptly(once(serving.server.close(), 'close'));
  });

  it('ends at once when it was there before drainOnClose()', async () => {
    await using scheduler = new Scheduler();
    const server = createServer(route(new HeldWork().routes));
    await using serving = await serve(server);
    using client = await connected(serving);
    await begin(client);
    drainOnClose(server, scheduler);
    await promptly(once(serving.server.close(), 'close'));
  });

  it('ends at once while jobs hold the close', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs(work.routes);
    await fetchFrom(serving, '/job');
    using client = await connected(serving);
    await begin(client);
    const closing = watched(once(serving.server.close(), 'close'));
    await promptly(once(client.socket, 'close'));
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
  });
});

describe('a response in flight before drainOnClose()', () => {
  it('is sent whole, says so and ends its connection', async () => {
    const work = new HeldWork();
    await using scheduler = new Scheduler();
    const server = createServer(route({ '/': work.plain }));
    await using serving = await serve(server);
    using client = new Client(serving);
    client.send('GET', '/');
    await work.entered.promise;
    drainOnClose(server, scheduler);
    const closing = once(server.close(), 'close');
    work.release();
    await client.answers(1, 'late');
    expect(sayClose(client.received)).toEqual([true]);
    await promptly(closing);
  });
});

describe('a connection that was upgraded', () => {
  it('is left alone by a close, which waits for it', async () => {
    const listener = jobsListener(route(new HeldWork().routes));
    const server = createServer(listener);
    let upgraded: Socket | undefined;
    server.on('upgrade', (_request, socket: Socket) => {
      upgraded = socket;
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n',
      );
      socket.pipe(socket);
    });
    await using serving = await serve(server, listener.scheduler);
    await fetchFrom(serving, '/quick');
    using client = new Client(serving);
    client.socket.write(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n',
    );
    await client.answers(1);
    const closing = watched(once(server.close(), 'close'));
    await settled();
    client.socket.write('still there');
    await client.answers(1, 'still there');
    expect(closing.over).toBe(false);
    upgraded?.destroy();
    await promptly(closing.promise);
  });
});
