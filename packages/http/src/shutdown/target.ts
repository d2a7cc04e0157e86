import { expected } from '@outlive/core/internal';
import { checkServer, type HttpServer } from '../connections/http-server.ts';

/** An app that closes its own server, such as a Fastify instance. */
export interface ServerApp {
  /** The first of its servers. */
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

/** What can be shut down. */
export type ShutdownTarget = HttpServer | ServerApp;

/**
 * Each server once: an app that closes its own goes before the server alone.
 *
 * @throws TypeError for anything else than servers and apps with a server
 */
export function resolveTargets(
  targets: ShutdownTarget | readonly ShutdownTarget[],
): readonly ResolvedTarget[] {
  if (!Array.isArray(targets)) return [resolveTarget(targets as ShutdownTarget)];
  if (targets.length === 0) {
    throw new TypeError(expected('server', 'a server, an app, or an array of them', targets));
  }
  const found = new Map<HttpServer, ResolvedTarget>();
  for (const target of targets as readonly ShutdownTarget[]) {
    const resolved = resolveTarget(target);
    if (!found.has(resolved.server) || resolved.server !== target) {
      found.set(resolved.server, resolved);
    }
  }
  return [...found.values()];
}

function resolveTarget(target: ShutdownTarget): ResolvedTarget {
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
