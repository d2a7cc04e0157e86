import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { drainOnClose, jobsListener, Scheduler } from '@outlive/http';
import { settled, until } from '@outlive/test-support/conditions';
import { promptly, watched } from '@outlive/test-support/watched';
import { certificate } from '../support/certificate.ts';
import { HeldWork } from '../support/held-work.ts';
import { type Routes, route, type Serving, serve } from '../support/serve-jobs.ts';

async function serveSecurely(routes: Routes) {
  const listener = jobsListener(route(routes));
  const server = createServer(certificate, listener);
  drainOnClose(server, listener.scheduler);
  return serve(server, listener.scheduler);
}

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that has been made, and on which nothing has been said. */
async function silent({ server, port }: Serving<Server>): Promise<Socket> {
  const accepted = once(server, 'connection');
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await accepted;
  return socket;
}

/** A connection that is secure. */
async function connected(port: number): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  sockets.push(socket);
  socket.setEncoding('utf8');
  await once(socket, 'secureConnect');
  return socket;
}

function send(socket: TLSSocket, path: string): void {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
}

async function answer(socket: TLSSocket): Promise<string> {
  let received = '';
  socket.on('data', (chunk: string) => {
    received += chunk;
  });
  await until(() => received.includes('\r\n\r\n'));
  return received;
}

describe('an https server that closes', () => {
  it('waits for the jobs of its requests', async () => {
    const work = new HeldWork();
    await using serving = await serveSecurely(work.routes);
    const socket = await connected(serving.port);
    send(socket, '/job');
    await answer(socket);
    const closing = watched(once(serving.server.close(), 'close'));
    await promptly(once(socket, 'close'));
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    await promptly(closing.promise);
    expect(work.done).toEqual(['job']);
  });

  it('ends a connection with the response in flight, which says so', async () => {
    const work = new HeldWork();
    await using serving = await serveSecurely(work.routes);
    const socket = await connected(serving.port);
    send(socket, '/plain');
    await work.entered.promise;
    const closing = once(serving.server.close(), 'close');
    work.release();
    expect(await answer(socket)).toMatch(/connection: close/i);
    await promptly(closing);
  });

  it('ends a connection that has made no request', async () => {
    await using serving = await serveSecurely({});
    const accepted = once(serving.server, 'secureConnection');
    const socket = await connected(serving.port);
    await accepted;
    const ended = once(socket.resume(), 'close');
    await promptly(once(serving.server.close(), 'close'));
    await promptly(ended);
  });

  test.each([
    ['has not begun', ''],
    ['is stalled', '\u0016\u0003\u0001'],
  ])('ends a connection whose handshake %s', async (_name, bytes) => {
    await using serving = await serveSecurely({});
    const socket = await silent(serving);
    if (bytes !== '') socket.write(bytes, 'latin1');
    await settled();
    const ended = once(socket.resume(), 'close');
    await promptly(once(serving.server.close(), 'close'));
    await promptly(ended);
  });

  it('ends a connection that had said nothing before drainOnClose()', async () => {
    const server = createServer(certificate);
    await using serving = await serve(server);
    const socket = await silent(serving);
    await using scheduler = new Scheduler();
    drainOnClose(server, scheduler);
    const ended = once(socket.resume(), 'close');
    await promptly(once(server.close(), 'close'));
    await promptly(ended);
  });

  it('cuts off no response that was in flight before drainOnClose()', async () => {
    const work = new HeldWork();
    const server = createServer(certificate, route({ '/': work.plain }));
    await using serving = await serve(server);
    const socket = await connected(serving.port);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await work.entered.promise;
    await using scheduler = new Scheduler();
    drainOnClose(server, scheduler);
    const closing = watched(once(server.close(), 'close'));
    await settled();
    expect(closing.over).toBe(false);
    work.release();
    expect(await answer(socket)).toMatch(/late/);
    await promptly(closing.promise);
  });
});
