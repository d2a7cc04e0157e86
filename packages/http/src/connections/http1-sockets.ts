import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { overrideMethod } from '../util/override-method.ts';
import { type IsLeftOut, Responses } from './responses.ts';

/** The sockets of one server that speak HTTP/1, with the responses in flight on each. */
export class Http1Sockets {
  readonly #sockets = new Map<Socket, Responses>();
  /** Responses that say `Connection: close` because of us, and might yet have to take it back. */
  readonly #announced = new WeakSet<ServerResponse>();
  readonly #onClose: (socket: Socket) => void;

  /** @param onClose - called when a socket has closed */
  constructor(onClose: (socket: Socket) => void) {
    this.#onClose = onClose;
  }

  get all(): Iterable<Responses> {
    return this.#sockets.values();
  }

  add(socket: Socket): Responses {
    let responses = this.#sockets.get(socket);
    if (responses === undefined) {
      responses = new Responses(socket);
      this.#sockets.set(socket, responses);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#onClose(socket);
      });
    }
    return responses;
  }

  /** Another protocol is spoken on it from now on. Gives the responses that it had in flight. */
  handOver(socket: Socket): Responses | undefined {
    const responses = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    return responses;
  }

  announceCloseOnAll(): void {
    for (const responses of this.#sockets.values()) this.announceClose(responses);
  }

  /**
   * Node ends the connection after the first response that says `Connection: close`: of pipelined
   * requests, which must all be answered, only the last may say so.
   */
  announceClose({ inFlight }: Responses): void {
    const last = inFlight.at(-1);
    for (const response of inFlight) {
      if (response.headersSent) continue;
      if (response !== last && this.#announced.delete(response)) response.shouldKeepAlive = true;
      if (response === last && response.shouldKeepAlive) {
        response.shouldKeepAlive = false;
        this.#announced.add(response);
      }
    }
  }

  endIdle(): void {
    for (const socket of this.#sockets.keys()) this.endIfIdle(socket);
  }

  endIfIdle(socket: Socket): void {
    const responses = this.#sockets.get(socket);
    if (responses === undefined) return;
    // What the last response wrote is still flushed.
    if (responses.inFlight.length === 0 && !socket.destroyed) socket.destroySoon();
  }

  /** Node ends connections as idle whose response is ended, yet not sent: those are spared meanwhile. */
  spareUnsent(endIdle: () => void): void {
    const undo = [...this.#sockets]
      .filter(([, { inFlight }]) => inFlight.length > 0)
      .map(([socket]) => overrideMethod(socket, 'destroy', () => socket));
    endIdle();
    for (const each of undo) each();
  }

  /** Gives the responses that this cut off. A socket that carries a response left out stays. */
  destroyBusy(isLeftOut: IsLeftOut): ServerResponse[] {
    const cut: ServerResponse[] = [];
    for (const [socket, { inFlight }] of this.#sockets) {
      if (inFlight.length === 0 || inFlight.some(isLeftOut)) continue;
      cut.push(...inFlight);
      socket.destroy();
    }
    return cut;
  }
}
