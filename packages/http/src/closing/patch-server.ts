import type { Server } from 'node:http';
import type { Http2SecureServer, Http2Server } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import { shadow } from '../util/override-method.ts';

/** What can be drained: any of Node's HTTP servers. */
export type HttpServer = Server | HttpsServer | Http2Server | Http2SecureServer;

export interface ServerHooks {
  /** Around `server.close()`. */
  readonly close: (proceed: () => void) => void;
  /** Around `server.closeIdleConnections()`, which every `close()` of an HTTP/1 server calls. */
  readonly closeIdle: (proceed: () => void) => void;
  /** Node says 'close': nobody hears it until this proceeds. */
  readonly closed: (proceed: () => void) => void;
  /** Any other event, before its listeners. */
  readonly event: (event: string, args: readonly unknown[]) => void;
}

export interface Patch {
  /** Tells those who wait for a close that it is there, past the hook. */
  readonly tellClosed: () => void;
  readonly undo: () => void;
}

/** Hooks into a server by methods of its own; what they cover, the prototype's or not, goes on being called. */
export function patchServer(target: HttpServer, hooks: ServerHooks): Patch {
  const server = target as Server;
  const { emit, close, closeIdleConnections } = server;
  const undo = [
    shadow(server, 'emit', (event: string, ...args: unknown[]) => {
      const proceed = (): boolean => Reflect.apply(emit, server, [event, ...args]);
      if (event !== 'close') {
        hooks.event(event, args);
        return proceed();
      }
      hooks.closed(proceed);
      return true;
    }),
    shadow(server, 'close', (...args) => {
      hooks.close(() => {
        Reflect.apply(close, server, args);
      });
      return server;
    }),
  ];
  // HTTP/2 has none.
  if (typeof closeIdleConnections === 'function') {
    undo.push(
      shadow(server, 'closeIdleConnections', () => {
        hooks.closeIdle(() => {
          Reflect.apply(closeIdleConnections, server, []);
        });
      }),
    );
  }
  return {
    tellClosed: () => Reflect.apply(emit, server, ['close']),
    undo: () => {
      for (const each of undo) each();
    },
  };
}
