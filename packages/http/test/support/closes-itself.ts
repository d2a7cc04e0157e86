import type { Server } from 'node:http';
import { promisify } from 'node:util';
import type { Listener } from './serve-jobs.ts';

/** Closes its own server and waits for that, then answers. */
export const closesItself: Listener = async ({ socket }, response) => {
  const { server } = socket as unknown as { server: Server };
  await promisify(server.close.bind(server))();
  response.end('closed');
};

/** Whether Node has nothing more to wait for than our hold. */
export function hasNoConnections(server: Server): boolean {
  return (server as unknown as { _connections: number })._connections === 0;
}
