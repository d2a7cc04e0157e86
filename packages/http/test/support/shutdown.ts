import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  gracefulShutdown,
  type HttpServer,
  jobsListener,
  type Scheduler,
  type ShutdownHandle,
  type ShutdownOptions,
} from '@outlive/http';

/** A server with a shutdown that no signal begins, until the end of the block. */
export interface Served extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly scheduler: Scheduler;
  readonly shutdown: ShutdownHandle;
}

export async function serve(
  listener: Parameters<typeof jobsListener>[0],
  options: ShutdownOptions = {},
): Promise<Served> {
  const withJobs = jobsListener(listener);
  const server = createServer(withJobs);
  const shutdown = gracefulShutdown(server, { signals: [], ...options });
  const port = await listen(server);
  return {
    server,
    port,
    scheduler: withJobs.scheduler,
    shutdown,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await withJobs.scheduler.close();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
      shutdown.dispose();
    },
  };
}

export async function listen(server: HttpServer): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** The exit code that a shutdown sets is not that of the tests. */
export function keepExitCode(): void {
  let before: typeof process.exitCode;
  beforeEach(() => {
    before = process.exitCode;
    process.exitCode = undefined;
  });
  afterEach(() => {
    process.exitCode = before;
  });
}
