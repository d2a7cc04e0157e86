import type { Server } from 'node:http';
import { portOf } from '@outlive/test-support/server';
import type { App, Driver, SetUp } from '../driver.ts';

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
