import { nextRequestWithin, now, handshakeWithin } from './arrival.ts';
import { type ConnectionStream, endSoon, hasSpoken } from './stream.ts';

/** Connections on which no request can be in flight, though neither HTTP layer knows of them. */
export class PreRequestSockets {
  /** TLS connections that have not completed their handshake; each until when that may begin, once the server closes. */
  readonly #handshakes = new Map<ConnectionStream, number>();
  /** Found open, and whatever is to be spoken on them, nothing had been said; each until when that may begin. */
  readonly #found = new Map<ConnectionStream, number>();
  readonly #onClose: () => void;
  #closingSince = 0;

  /** @param onClose - called when a socket has closed */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  get streams(): Iterable<ConnectionStream> {
    return [...this.#handshakes.keys(), ...this.#found.keys()];
  }

  addHandshake(socket: ConnectionStream): void {
    this.#handshakes.set(socket, now() + nextRequestWithin);
    socket.once('close', () => {
      this.#handshakes.delete(socket);
      this.#onClose();
    });
  }

  /** @param secure - another object than the one that shook hands, which it is made of */
  handshakeDone(secure: ConnectionStream): void {
    const beneath = socketBeneath(secure);
    if (beneath === undefined) this.#handshakes.clear();
    else this.#handshakes.delete(beneath);
  }

  addFound(socket: ConnectionStream): void {
    if (hasSpoken(socket) || this.#found.has(socket)) return;
    this.#found.set(socket, now() + nextRequestWithin);
    socket.once('close', () => {
      this.#found.delete(socket);
      this.#onClose();
    });
  }

  /** Listening has stopped. */
  close(): void {
    this.#closingSince = now();
  }

  /** Once closing: ends what brings no request any more. Gives in how many ms there may be more to end. */
  endQuiet(asOf: number): number {
    let next = Infinity;
    const endAt = (socket: ConnectionStream, until: number): void => {
      const wait = until - asOf;
      next = Math.min(next, wait > 0 ? wait : endSoon(socket));
    };
    for (const [socket, quietUntil] of this.#handshakes) {
      const begun = hasSpoken(socket);
      endAt(
        socket,
        begun ? Math.max(quietUntil, this.#closingSince) + handshakeWithin : quietUntil,
      );
    }
    for (const [socket, quietUntil] of this.#found) {
      // From here on one of the layers above knows of it.
      if (hasSpoken(socket)) this.#found.delete(socket);
      else endAt(socket, quietUntil);
    }
    return next;
  }

  /** Whether a connection may still bring a request. */
  get mayBringMore(): boolean {
    return this.#handshakes.size + this.#found.size > 0;
  }

  destroy(): void {
    for (const socket of this.streams) socket.destroy();
  }
}

/**
 * The socket or stream that a TLS connection was made of, by which alone the two can be told to be one:
 * https://github.com/nodejs/node/blob/v24.0.0/lib/internal/tls/wrap.js#L700. Addresses are no mark: a
 * Unix socket and a stream have none.
 */
function socketBeneath(secure: ConnectionStream): ConnectionStream | undefined {
  const { _handle: handle } = secure as {
    _handle?: { _parentWrap?: ConnectionStream & { stream?: ConnectionStream } } | null;
  };
  const wrap = handle?._parentWrap;
  // What is no socket of Node's has been wrapped once more.
  return wrap?.stream ?? wrap;
}
