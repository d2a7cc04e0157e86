import { checkServer, type HttpServer } from '../connections/http-server.ts';

/** An app that closes its own server, such as a Fastify instance. */
export interface ServerApp {
  readonly server: HttpServer;
  /** Closes the server, and then what the app needs to answer requests. */
  close(): PromiseLike<unknown>;
  /** Further servers of the app, which end with the first one. Asked when a shutdown begins. */
  linkedServers?(): readonly HttpServer[];
}

export interface ResolvedTarget {
  readonly server: HttpServer;
  readonly close: () => Promise<void>;
  readonly linkedServers: () => readonly HttpServer[];
}

/** @throws TypeError for anything else than a server or an app with a server */
export function resolveTarget(target: HttpServer | ServerApp): ResolvedTarget {
  const { server, close } = (target ?? {}) as Partial<ServerApp>;
  if (typeof server === 'object' && typeof close === 'function') {
    checkServer(server);
    const app = target as ServerApp;
    return {
      server,
      close: async () => closeApp(app),
      linkedServers: () => app.linkedServers?.() ?? [],
    };
  }
  checkServer(target);
  return { server: target, close: async () => closeServer(target), linkedServers: () => [] };
}

/** What Node calls an error is that the server was not open: then there is nothing to close. */
async function closeServer(server: HttpServer): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

/** Has the app leave its connections to the shutdown: requests have their grace still. */
async function closeApp(app: ServerApp): Promise<void> {
  const { server } = app;
  // What Fastify's `forceCloseConnections` calls.
  const name = 'closeAllConnections';
  const own = Object.getOwnPropertyDescriptor(server, name);
  if (name in server) Object.defineProperty(server, name, { configurable: true, value: () => {} });
  try {
    await app.close();
  } finally {
    if (own === undefined) Reflect.deleteProperty(server, name);
    else Object.defineProperty(server, name, own);
  }
}
