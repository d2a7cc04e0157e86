import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';

/** Has a server listen on a free port, which it gives. */
export async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return portOf(server);
}

/** Has a server listen that does not yet. */
export async function listening<S extends Server>(server: S): Promise<S> {
  if (!server.listening) await listen(server);
  return server;
}

export async function closeServer(server: HttpServer): Promise<void> {
  if (!server.listening) return;
  const isClosed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await isClosed;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
