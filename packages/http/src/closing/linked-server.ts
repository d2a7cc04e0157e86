import type { Server } from 'node:http';
import type { Connections } from '../connections/connections.ts';
import { observeEvent } from '../connections/observe-event.ts';
import { type HttpServer, type Patch, patchServer } from './patch-server.ts';
import { shadow } from '../util/override-method.ts';

/**
 * A server that ends with another one, and whose connections are looked after as if they were that
 * one's: Fastify makes one for each further address of `localhost`.
 */
export class Companion {
  readonly #server: HttpServer;
  readonly #patch: Patch;
  readonly #undoCloseAll: (() => void) | undefined;
  #open: boolean;

  constructor(
    server: HttpServer,
    main: HttpServer,
    connections: Connections,
    onClosed: () => void,
  ) {
    this.#server = server;
    this.#open = server.listening;
    this.#patch = patchServer(server, {
      close: (proceed) => {
        proceed();
      },
      closeIdle: (proceed) => {
        connections.sparing(proceed);
      },
      closed: (proceed) => {
        this.#open = false;
        proceed();
        onClosed();
      },
      event: (event, args) => {
        if (event === 'listening') this.#open = true;
        else observeEvent(connections, server, event, args);
      },
    });
    connections.discover(server);
    if ('closeAllConnections' in main) {
      const { closeAllConnections } = main;
      // Whoever cuts off the one's connections means all of them. Fastify does so too, but when the one has
      // closed, which now waits for the other.
      this.#undoCloseAll = shadow(main, 'closeAllConnections', () => {
        closeAllConnections.call(main);
        (server as Server).closeAllConnections();
      });
    }
  }

  /** Whether it listens, or has connections still that are worth waiting for. */
  get open(): boolean {
    return this.#open;
  }

  close(): void {
    if (this.#server.listening) this.#server.close();
  }

  giveUp(): void {
    this.#open = false;
  }

  undo(): void {
    this.#patch.undo();
    this.#undoCloseAll?.();
  }
}
