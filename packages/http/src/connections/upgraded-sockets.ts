import type { ServerResponse } from 'node:http';
import type { Responses } from './responses.ts';
import type { ConnectionStream } from './stream.ts';

/** The sockets of one server that speak another protocol now, such as WebSocket: they never fall idle. */
export class UpgradedSockets {
  readonly #sockets = new Map<ConnectionStream, Responses>();
  readonly #onClose: () => void;

  /** @param onClose - called when a socket has closed */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  get all(): Iterable<Responses> {
    return this.#sockets.values();
  }

  get streams(): Iterable<ConnectionStream> {
    return this.#sockets.keys();
  }

  /** @param responses - to requests that were pipelined before the upgrade */
  add(socket: ConnectionStream, responses: Responses): void {
    this.#sockets.set(socket, responses);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#onClose();
    });
  }

  /** Gives the responses that this cut off. */
  destroy(): ServerResponse[] {
    const cut: ServerResponse[] = [];
    for (const [socket, { inFlight }] of this.#sockets) {
      cut.push(...inFlight);
      socket.destroy();
    }
    return cut;
  }
}
