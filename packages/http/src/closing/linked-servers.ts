import type { Server } from 'node:http';
import type { HttpServer } from '../connections/http-server.ts';
import type { Connections } from '../connections/connections.ts';
import { overrideMethod } from '../util/override-method.ts';

/** A server whose connections are looked after by a drain of its own. */
export interface DrainedServer {
  readonly server: HttpServer;
  readonly connections: Connections;
  unpatch(): void;
}

/** The servers that end with one server, the main one: its 'close' event waits for theirs. */
export class LinkedServers {
  readonly #main: HttpServer;
  readonly #links = new Map<DrainedServer, Link>();
  #waiting: (() => void)[] = [];

  constructor(main: HttpServer) {
    this.#main = main;
  }

  get all(): readonly DrainedServer[] {
    return [...this.#links.keys()];
  }

  add(linked: DrainedServer): void {
    if (this.#links.has(linked)) return;
    const link = new Link(this.#main, linked.server, () => {
      this.#changed();
    });
    this.#links.set(linked, link);
  }

  /** The main server has stopped listening. */
  close(): void {
    for (const { server } of this.#links.keys()) if (server.listening) server.close();
  }

  /** Calls back when all have closed: at once, if that is so. */
  whenClosed(callback: () => void): void {
    this.#waiting.push(callback);
    this.#changed();
  }

  /** Waits for none of them any longer. */
  giveUp(): void {
    for (const link of this.#links.values()) link.open = false;
    this.#changed();
  }

  /** Lets go of all. */
  unlink(): void {
    const links = [...this.#links];
    // Each has overridden a method of the main server over those before it.
    for (const [linked, link] of links.toReversed()) {
      link.undo();
      linked.unpatch();
    }
    this.#links.clear();
    this.#changed();
  }

  #changed(): void {
    if ([...this.#links.values()].some(({ open }) => open)) return;
    for (const callback of this.#waiting.splice(0)) callback();
  }
}

class Link {
  /** Whether the server listens, or is waited for still. */
  open: boolean;
  readonly #server: HttpServer;
  readonly #onOpen = (): void => {
    this.open = true;
  };
  readonly #onClose: () => void;
  readonly #undoCloseAll: (() => void) | undefined;

  constructor(main: HttpServer, server: HttpServer, onClose: () => void) {
    this.open = server.listening;
    this.#server = server;
    this.#onClose = () => {
      this.open = false;
      onClose();
    };
    server.on('listening', this.#onOpen);
    server.on('close', this.#onClose);
    if (!('closeAllConnections' in main)) return;
    const { closeAllConnections } = main;
    // A call of it means the connections of all: the main server stays open as long as a linked one.
    this.#undoCloseAll = overrideMethod(main, 'closeAllConnections', () => {
      closeAllConnections.call(main);
      (server as Server).closeAllConnections();
    });
  }

  undo(): void {
    this.#server.off('listening', this.#onOpen);
    this.#server.off('close', this.#onClose);
    this.#undoCloseAll?.();
  }
}
