import type { HttpServer } from '@outlive/http';
import { linkServer, type ServerDrain } from '@outlive/http/internal';

interface WithHooks {
  addHook(name: 'onListen', hook: (done: () => void) => void): unknown;
}

/** Has the servers that `listen()` adds, for further addresses of `localhost`, end with the app's first one. */
export function linkServersOnListen(app: object, drain: ServerDrain): void {
  try {
    (app as WithHooks).addHook('onListen', (done) => {
      linkServers(app, drain);
      done();
    });
  } catch {
    // Older versions of Fastify 4 have no such hook, and an app that is ready takes none: then when it closes.
  }
}

export function linkServers(app: object, drain: ServerDrain): void {
  for (const server of furtherServers(app)) linkServer(drain, server);
}

// Fastify gives the addresses of these servers, but has no public way to the servers themselves:
// https://github.com/fastify/fastify/blob/v5.12.8/lib/symbols.js
const bindings = 'Symbol(fastify.serverBindings)';

export function furtherServers(app: object): readonly HttpServer[] {
  // What a plugin is given inherits from the app.
  for (let each = app; each !== null; each = Object.getPrototypeOf(each) as object) {
    const symbol = Object.getOwnPropertySymbols(each).find((own) => String(own) === bindings);
    if (symbol !== undefined) return (each as Record<symbol, readonly HttpServer[]>)[symbol] ?? [];
  }
  return [];
}
