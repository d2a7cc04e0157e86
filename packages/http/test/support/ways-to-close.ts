import { once } from 'node:events';
import { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { promisify } from 'node:util';

/** Begins a close, and gives what its caller waits for. Called once before the first request, as libraries are. */
type SetUp = (server: Server) => () => Promise<unknown>;

const viaCallback: SetUp = (server) => () =>
  new Promise((resolve) => {
    server.close(resolve);
  });

/** What `stoppable` does. */
const stoppable: SetUp = (server) => {
  const requests = new Map<Socket, number>();
  let stopped = false;
  server.on('connection', (socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    response.once('finish', () => {
      const left = (requests.get(socket) ?? 0) - 1;
      requests.set(socket, left);
      if (stopped && left === 0) socket.end();
    });
  });
  return () =>
    new Promise((resolve) => {
      setImmediate(() => {
        stopped = true;
        server.close(resolve);
        for (const [socket, count] of requests) if (count === 0) socket.end();
      });
    });
};

/** What `http-terminator` does. */
const terminator: SetUp = (server) => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return async () => {
    server.on('request', (_request, response) => {
      if (!response.headersSent) response.setHeader('connection', 'close');
    });
    for (const socket of sockets) socket.destroy();
    await promisify(server.close.bind(server))();
  };
};

/** Each of them learns of a close in its own way. */
export const waysToClose: readonly (readonly [name: string, setUp: SetUp])[] = [
  ['server.close(callback)', viaCallback],
  ['a promisified server.close()', (server) => () => promisify(server.close.bind(server))()],
  [
    "once(server, 'close')",
    (server) => () => {
      const closed = once(server, 'close');
      server.close();
      return closed;
    },
  ],
  ['Symbol.asyncDispose', (server) => () => server[Symbol.asyncDispose]()],
  [
    'await using',
    (server) => async () => {
      await using block = server;
      expect(block.listening).toBe(true);
    },
  ],
  [
    'http.Server.prototype.close.call(server)',
    (server) => () =>
      new Promise((resolve) => {
        Server.prototype.close.call(server, resolve);
      }),
  ],
  [
    'net.Server.prototype.close.call(server)',
    (server) => () =>
      new Promise((resolve) => {
        NetServer.prototype.close.call(server, resolve);
      }),
  ],
  [
    'a close() bound before',
    (server) => {
      const close = server.close.bind(server);
      return () => new Promise((resolve) => close(resolve));
    },
  ],
  ['stoppable', stoppable],
  ['http-terminator', terminator],
];
