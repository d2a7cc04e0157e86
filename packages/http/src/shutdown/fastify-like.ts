import type { HttpServer } from '../closing/patch-server.ts';
import type { ServerDrain } from '../closing/server-drain.ts';

/** A Fastify instance, as far as a shutdown needs it. */
export interface FastifyLike {
  readonly server: HttpServer;
  close(): PromiseLike<unknown>;
  ready(): PromiseLike<unknown>;
}

interface WithHooks {
  addHook(name: 'onListen', hook: (done: () => void) => void): unknown;
}

export function isFastify(server: HttpServer | FastifyLike): server is FastifyLike {
  const { server: inner, ready } = (server ?? {}) as Partial<FastifyLike>;
  return typeof inner === 'object' && typeof ready === 'function';
}

/** Closes the app, and leaves its connections to whoever has called. */
export async function closeFastify(app: FastifyLike): Promise<void> {
  const { server } = app;
  // What `forceCloseConnections` calls: it would cut off requests that have their grace still.
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

/** Has the servers that `listen()` adds, for further addresses of `localhost`, end with the first. */
export function accompanyWhenListening(app: object, drain: ServerDrain): void {
  try {
    (app as WithHooks).addHook('onListen', (done) => {
      accompanyAll(app, drain);
      done();
    });
  } catch {
    // Old ones of Fastify 4 have no such hook, others are ready already: then at the end.
  }
}

export function accompanyAll(app: object, drain: ServerDrain): void {
  for (const server of furtherServers(app)) drain.accompany(server);
}

// Fastify tells the addresses of these servers, but has no public way to the servers themselves.
const bindings = 'Symbol(fastify.serverBindings)';

function furtherServers(app: object): readonly HttpServer[] {
  // What a plugin is given inherits from the app.
  for (let each = app; each !== null; each = Object.getPrototypeOf(each) as object) {
    const symbol = Object.getOwnPropertySymbols(each).find((own) => String(own) === bindings);
    if (symbol !== undefined) return (each as Record<symbol, readonly HttpServer[]>)[symbol] ?? [];
  }
  return [];
}
