import type { Socket } from 'node:net';

/** Connections on which no request can be in flight, though neither HTTP layer knows of them. */
export class PreRequestSockets {
  /** TLS connections that have not completed their handshake, by where they come from. */
  readonly #handshakes = new Map<string, Socket>();
  /** Found open, and whatever is to be spoken on them, nothing had been said. */
  readonly #found = new Set<Socket>();

  addHandshake(socket: Socket): void {
    const from = origin(socket);
    this.#handshakes.set(from, socket);
    socket.once('close', () => {
      this.#handshakes.delete(from);
    });
  }

  /** The secure socket is another object than the one that shook hands. */
  handshakeDone(socket: Socket): void {
    if (this.#handshakes.size > 0) this.#handshakes.delete(origin(socket));
  }

  addFound(socket: Socket): void {
    if (socket.bytesRead > 0 || this.#found.has(socket)) return;
    this.#found.add(socket);
    socket.once('close', () => {
      this.#found.delete(socket);
    });
  }

  destroy(): void {
    for (const socket of this.#handshakes.values()) socket.destroy();
    for (const socket of this.#found) {
      if (socket.bytesRead === 0) socket.destroy();
      else this.#found.delete(socket);
    }
  }
}

function origin({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
