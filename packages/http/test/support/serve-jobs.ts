import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type HttpServer, type JobsOptions, jobsListener, type Scheduler } from '@outlive/http';
import { listen } from '@outlive/test-support/server';

export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What each path does. */
export type Routes = Readonly<Record<string, Listener>>;

export function route(routes: Routes): Listener {
  return (request, response) => routes[request.url ?? '']?.(request, response);
}

/** A server that listens, until the end of the block. */
export interface Serving<S extends HttpServer = Server> extends AsyncDisposable {
  readonly server: S;
  readonly port: number;
}

/** A plain server with jobs. */
export async function serveJobs(
  routes: Routes,
  options?: JobsOptions | Scheduler,
): Promise<Serving & { readonly scheduler: Scheduler }> {
  const listener = jobsListener(route(routes), options);
  const { scheduler } = listener;
  const serving = await serve(createServer(listener), scheduler);
  return { ...serving, scheduler };
}

/** At the end of the block its connections and what these schedulers still do are ended. */
export async function serve<S extends HttpServer>(
  server: S,
  ...schedulers: readonly Scheduler[]
): Promise<Serving<S>> {
  return {
    server,
    port: await listen(server),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(schedulers.map(async (scheduler) => scheduler.close()));
      if ('closeAllConnections' in server) server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}
