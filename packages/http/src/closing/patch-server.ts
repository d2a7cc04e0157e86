import type { Server } from 'node:http';
import type { HttpServer } from '../connections/http-server.ts';
import { overrideMethod } from '../util/override-method.ts';

export interface ServerHooks {
  /** Around `server.close()`. */
  readonly close: (proceed: () => void) => void;
  /** Around `server.closeIdleConnections()`, which every `close()` of an HTTP/1 server calls. */
  readonly closeIdle: (proceed: () => void) => void;
  /** Node emits 'close': no listener is called until this proceeds. */
  readonly closeEvent: (proceed: () => void) => void;
  /** Any other event, before its listeners. */
  readonly event: (event: string, args: readonly unknown[]) => void;
}

/**
 * Hooks into a server by methods of its own; the methods in their place, the prototype's or not, go on
 * being called. The function that this returns undoes it.
 */
export function patchServer(target: HttpServer, hooks: ServerHooks): () => void {
  const server = target as Server;
  const { emit, close, closeIdleConnections } = server;
  const undo = [
    overrideMethod(server, 'emit', (event: string, ...args: unknown[]) => {
      const proceed = (): boolean => Reflect.apply(emit, server, [event, ...args]);
      if (event !== 'close') {
        hooks.event(event, args);
        return proceed();
      }
      hooks.closeEvent(proceed);
      return true;
    }),
    overrideMethod(server, 'close', (...args) => {
      hooks.close(() => {
        Reflect.apply(close, server, args);
      });
      return server;
    }),
  ];
  // HTTP/2 has none.
  if (typeof closeIdleConnections === 'function') {
    undo.push(
      overrideMethod(server, 'closeIdleConnections', () => {
        hooks.closeIdle(() => {
          Reflect.apply(closeIdleConnections, server, []);
        });
      }),
    );
  }
  return () => {
    for (const each of undo) each();
  };
}
