import { createServer, type Server } from 'node:http';
import {
  gracefulShutdown,
  jobsListener,
  type Scheduler,
  type ShutdownHandle,
  type ShutdownOptions,
} from '@outlive/http';
import { listen } from '@outlive/test-support/server';

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
