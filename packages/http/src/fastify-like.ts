import type { HttpServer } from './server-drain.ts';

/** A Fastify instance, as far as a shutdown needs it. */
export interface FastifyLike {
  readonly server: HttpServer;
  close(): PromiseLike<unknown>;
  ready(): PromiseLike<unknown>;
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
