import type { ServerResponse } from 'node:http';
import { overrideMethod } from '../util/override-method.ts';
import { handshakeWithin, headWithin, nextRequestWithin, now } from './arrival.ts';
import { parsedStreams } from './parser-list.ts';
import { type IsLeftOut, Responses } from './responses.ts';
import { sayClose } from './say-close.ts';
import { type ConnectionStream, endSoon, hasSpoken } from './stream.ts';

/** The connections of one server that speak HTTP/1, with the responses in flight on each. */
export class Http1Sockets {
  readonly #server: object;
  readonly #sockets = new Map<ConnectionStream, Responses>();
  /** Responses that say `Connection: close` because of us, and might yet have to take it back. */
  readonly #announced = new WeakSet<ServerResponse>();
  readonly #onClose: (socket: ConnectionStream) => void;
  #closingSince: number | undefined;

  /** @param onClose - called when a socket has closed */
  constructor(server: object, onClose: (socket: ConnectionStream) => void) {
    this.#server = server;
    this.#onClose = onClose;
  }

  get all(): Iterable<Responses> {
    return this.#sockets.values();
  }

  /** Those of a connection that is known. */
  of(socket: unknown): Responses | undefined {
    return this.#sockets.get(socket as ConnectionStream);
  }

  /** All but those that carry a response left out. */
  waitedFor(isLeftOut: IsLeftOut): ConnectionStream[] {
    const waitedFor = [...this.#sockets].filter(([, { inFlight }]) => !inFlight.some(isLeftOut));
    return waitedFor.map(([socket]) => socket);
  }

  add(socket: ConnectionStream): Responses {
    let responses = this.#sockets.get(socket);
    if (responses === undefined) {
      responses = new Responses(socket);
      // It has just shaken hands: its first request is on the way.
      if (this.#closingSince !== undefined) responses.quietUntil = now() + handshakeWithin;
      this.#sockets.set(socket, responses);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#onClose(socket);
      });
    }
    return responses;
  }

  /** Another protocol is spoken on it from now on. Gives the responses that it had in flight. */
  handOver(socket: ConnectionStream): Responses | undefined {
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
  announceClose(responses: Responses): void {
    const { inFlight } = responses;
    const last = inFlight.at(-1);
    for (const response of inFlight) {
      if (response.headersSent) continue;
      if (response !== last && this.#announced.delete(response)) response.shouldKeepAlive = true;
      if (response !== last) continue;
      sayClose(response, () => responses.inFlight.at(-1) === response);
      if (response.shouldKeepAlive) {
        response.shouldKeepAlive = false;
        this.#announced.add(response);
      }
    }
  }

  /** Listening has stopped. */
  close(): void {
    this.#closingSince = now();
    for (const [socket, responses] of this.#sockets) {
      if (responses.inFlight.length === 0 && hasSpoken(socket)) responses.quietUntil = 0;
    }
  }

  reopen(): void {
    this.#closingSince = undefined;
  }

  /** A response has ended: where that was the last of a connection that was said to be kept, the next may follow. */
  fellIdle(socket: ConnectionStream): void {
    const responses = this.#sockets.get(socket);
    if (responses?.inFlight.length === 0) responses.quietUntil = now() + nextRequestWithin;
  }

  /** Once closing: ends what brings no request any more. Gives in how many ms there may be more to end. */
  endQuiet(asOf: number): number {
    const idle = parsedStreams(this.#server, 'idle');
    const idleSockets = new Set(idle);
    let next = Infinity;
    for (const [socket, responses] of this.#sockets) {
      if (responses.inFlight.length > 0) continue;
      const isQuiet =
        !hasSpoken(socket) || (idle === undefined ? responses.used : idleSockets.has(socket));
      const { quietUntil } = responses;
      const until = isQuiet
        ? quietUntil
        : Math.max(quietUntil, (this.#closingSince ?? 0) + headWithin);
      // Node may have ended it with its last answer, which to what is no socket of Node's is not the end yet.
      const wait = socket.writableEnded ? 0 : until - asOf;
      // What the last response wrote is still flushed.
      next = Math.min(next, wait > 0 ? wait : endSoon(socket));
    }
    return next;
  }

  /** Whether a connection may still bring a request. */
  get mayBringMore(): boolean {
    return [...this.#sockets].some(
      ([socket, { inFlight }]) =>
        inFlight.length === 0 && !socket.writableEnded && !socket.destroyed,
    );
  }

  /**
   * Runs Node's own ending of idle connections, but for those whose response is not all sent, and from
   * Node 26 on for those that are too new to have sent a request.
   */
  spareUnsent(endIdle: () => void): void {
    const undo = [...this.#sockets]
      .filter(
        ([, { inFlight, used, quietUntil }]) =>
          inFlight.length > 0 || (!used && quietUntil > now()),
      )
      .map(([socket]) => overrideMethod(socket, 'destroy', () => socket));
    endIdle();
    for (const each of undo) each();
  }

  /** Gives the responses that this cut off. A socket that carries a response left out stays. */
  destroy(isLeftOut: IsLeftOut): ServerResponse[] {
    const cut: ServerResponse[] = [];
    for (const [socket, { inFlight }] of this.#sockets) {
      if (inFlight.some(isLeftOut)) continue;
      cut.push(...inFlight);
      if (inFlight.length === 0) endSoon(socket);
      else socket.destroy();
    }
    return cut;
  }
}
