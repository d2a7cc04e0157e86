import { Companion } from './linked-server.ts';
import type { Connections } from '../connections/connections.ts';
import type { HttpServer } from './patch-server.ts';

/** The servers that end with one server, which is not said to have closed before they have. */
export class Companions {
  readonly #main: HttpServer;
  readonly #connections: Connections;
  readonly #companions = new Map<HttpServer, Companion>();
  /** What waits until they have closed. */
  #waiting: (() => void)[] = [];

  constructor(main: HttpServer, connections: Connections) {
    this.#main = main;
    this.#connections = connections;
  }

  add(server: HttpServer): Companion {
    const companion = new Companion(server, this.#main, this.#connections, () => {
      this.#tell();
    });
    this.#companions.set(server, companion);
    return companion;
  }

  close(): void {
    for (const companion of this.#companions.values()) companion.close();
  }

  /** Calls back when none is open: at once, if that is so. */
  whenClosed(callback: () => void): void {
    this.#waiting.push(callback);
    this.#tell();
  }

  /** Waits for none of them any longer. */
  giveUp(): void {
    for (const companion of this.#companions.values()) companion.giveUp();
    this.#tell();
  }

  /** Lets go of all; gives which those were. */
  leave(): HttpServer[] {
    const left = [...this.#companions];
    // Each has hooked into the main server over those before it.
    for (const [, companion] of left.toReversed()) companion.undo();
    this.#companions.clear();
    this.#tell();
    return left.map(([server]) => server);
  }

  #tell(): void {
    if ([...this.#companions.values()].some(({ open }) => open)) return;
    for (const callback of this.#waiting.splice(0)) callback();
  }
}
