import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App, Driver, SetUp } from '../driver.ts';

export async function listening(server: Server): Promise<Server> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const isClosed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await isClosed;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** An app that listens, until the end of the block. */
export interface Served extends AsyncDisposable, App {
  readonly server: Server;
  readonly port: number;
}

/** Builds an app; at the end of the block what it still does is cancelled. */
export async function built(driver: Driver, setUp: SetUp): Promise<App & AsyncDisposable> {
  const app = await driver.build(setUp);
  return {
    ...app,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([app.scheduler?.close(), app.innerScheduler?.close()]);
      await app.close();
    },
  };
}

export async function serve(driver: Driver, setUp: SetUp): Promise<Served> {
  const app = await built(driver, setUp);
  const server = await app.listen();
  return { ...app, server, port: portOf(server) };
}
