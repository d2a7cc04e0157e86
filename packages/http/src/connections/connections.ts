import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { type Deferred, deferred } from '@outlive/core/internal';
import { openSockets } from './open-sockets.ts';
import { Responses } from './responses.ts';
import { shadow } from '../util/override-method.ts';
import { SilentSockets } from './pre-request-sockets.ts';

/**
 * The connections of one server, so that a closing server can end each as soon as it may: Node itself
 * leaves a connection whose response went out as keep-alive open for another six seconds, and one that
 * never sent a request for a minute.
 */
export class Connections {
  /** The responses in flight on each socket that speaks HTTP/1. */
  readonly #sockets = new Map<Socket, Responses>();
  /** And on each HTTP/2 session. */
  readonly #sessions = new Map<ServerHttp2Session, Responses>();
  /** Sockets that now speak another protocol, such as WebSocket. */
  readonly #upgraded = new Set<Socket>();
  readonly #silent = new SilentSockets();
  /** Responses that say `close` because of us, and might yet have to take it back. */
  readonly #announced = new WeakSet<ServerResponse>();
  /** Responses whose end is waited for, to end their connection. */
  readonly #awaited = new WeakSet<ServerResponse>();
  readonly #onChange: () => void;
  #quiet: Deferred<void> | undefined;
  #phase: 'open' | 'announcing' | 'closing' = 'open';
  /** The socket that is being accepted right now: an HTTP/2 session may be made of it. */
  #accepting: Socket | undefined;

  /** @param onChange - called when, while closing, a connection or a response has ended */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  addHandshake(socket: Socket): void {
    this.#silent.addHandshake(socket);
  }

  addSocket(socket: Socket): void {
    this.#accepting = socket;
    this.#silent.handshakeDone(socket);
    this.#onSocket(socket);
  }

  addSession(session: ServerHttp2Session): void {
    // From here on the session, not the socket, knows whether it is idle.
    if (this.#accepting !== undefined) this.#sockets.delete(this.#accepting);
    this.#accepting = undefined;
    this.#onSession(session);
  }

  addUpgraded(socket: Socket): void {
    this.#onSocket(socket);
    this.#upgraded.add(socket);
  }

  addResponse(request: IncomingMessage, response: ServerResponse): void {
    const isHttp1 = request.httpVersionMajor < 2;
    // Reset by its client already, a stream has no session any more.
    const { session } = isHttp1 ? {} : (response as unknown as Http2ServerResponse).stream;
    if (!isHttp1 && session === undefined) return;
    const responses =
      session === undefined
        ? this.#onSocket(request.socket)
        : this.#onSession(session as ServerHttp2Session);
    responses.add(response);
    if (isHttp1 && this.#phase !== 'open') this.#announce(responses);
    if (this.#phase === 'closing') this.#awaitEnd(response);
  }

  /** Finds the connections that a server had before it was attached. */
  discover(server: object): void {
    for (const { socket, isHttp1, response } of openSockets(server)) {
      if (isHttp1) this.#onSocket(socket);
      else this.#silent.addFound(socket);
      if (response !== undefined) this.addResponse(response.req, response);
    }
  }

  /** From now on every response that can still say so says `Connection: close`. */
  announceClose(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'announcing';
    for (const responses of this.#sockets.values()) this.#announce(responses);
  }

  /** Listening has stopped: ends what is idle, and the rest as it falls idle. */
  close(): void {
    this.announceClose();
    this.#phase = 'closing';
    for (const [socket, responses] of this.#sockets) {
      for (const response of responses.inFlight) this.#awaitEnd(response);
      this.#endIfIdle(socket);
    }
    this.#silent.destroy();
    for (const [session, responses] of this.#sessions) {
      for (const response of responses.inFlight) this.#awaitEnd(response);
      session.close();
    }
    this.#changed();
  }

  /** Node ends connections as idle whose response is ended, yet not sent: those are spared meanwhile. */
  sparing(endIdle: () => void): void {
    const undo = [...this.#sockets]
      .filter(([, { inFlight }]) => inFlight.length > 0)
      .map(([socket]) => shadow(socket, 'destroy', () => socket));
    endIdle();
    for (const each of undo) each();
  }

  /** The server listens again. */
  reopen(): void {
    this.#phase = 'open';
  }

  /** Once closing: resolves when no response is in flight and no HTTP/2 session is left; upgraded sockets do not count. */
  quiet(): Promise<void> {
    this.#quiet ??= deferred();
    const { promise } = this.#quiet;
    this.#changed();
    return promise;
  }

  /** Once closing: whether all connections that are left wait for such responses, and for nothing else. */
  waitOnlyFor(isSuch: (response: ServerResponse) => boolean): boolean {
    const left = [...this.#sockets.values(), ...this.#sessions.values()];
    return (
      left.length > 0 && left.every(({ inFlight }) => inFlight.length > 0 && inFlight.every(isSuch))
    );
  }

  /** Ends by force what does not end by itself; gives the responses that this cut off. */
  destroy(): ServerResponse[] {
    const cut = [...this.#sessions.values()].flatMap(({ inFlight }) => inFlight);
    for (const [socket, { inFlight }] of this.#sockets) {
      cut.push(...inFlight);
      if (inFlight.length > 0 || this.#upgraded.has(socket)) socket.destroy();
    }
    this.#silent.destroy();
    for (const session of this.#sessions.keys()) session.destroy();
    return cut;
  }

  #onSocket(socket: Socket): Responses {
    let responses = this.#sockets.get(socket);
    if (responses === undefined) {
      responses = new Responses(socket);
      this.#sockets.set(socket, responses);
      socket.once('close', () => {
        if (this.#accepting === socket) this.#accepting = undefined;
        this.#sockets.delete(socket);
        this.#upgraded.delete(socket);
        this.#changed();
      });
    }
    return responses;
  }

  #onSession(session: ServerHttp2Session): Responses {
    let responses = this.#sessions.get(session);
    if (responses === undefined) {
      responses = new Responses();
      this.#sessions.set(session, responses);
      session.once('close', () => {
        this.#sessions.delete(session);
        this.#changed();
      });
      if (this.#phase === 'closing') session.close();
    }
    return responses;
  }

  // Node ends the connection after the first response that says `close`: of pipelined requests, which
  // must all be answered, only the last may.
  #announce({ inFlight }: Responses): void {
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

  #awaitEnd(response: ServerResponse): void {
    if (this.#awaited.has(response)) return;
    this.#awaited.add(response);
    // The response lets go of its socket when it has been sent.
    const { socket } = response.req;
    response.once('close', () => {
      this.#endIfIdle(socket);
      this.#changed();
    });
  }

  #endIfIdle(socket: Socket): void {
    const responses = this.#sockets.get(socket);
    if (responses === undefined || this.#upgraded.has(socket)) return;
    // What the last response wrote is still flushed.
    if (responses.inFlight.length === 0 && !socket.destroyed) socket.destroySoon();
  }

  #changed(): void {
    if (this.#phase !== 'closing') return;
    if (this.#quiet !== undefined && this.#isQuiet) {
      this.#quiet.resolve();
      this.#quiet = undefined;
    }
    this.#onChange();
  }

  get #isQuiet(): boolean {
    if (this.#sessions.size > 0) return false;
    return [...this.#sockets.values()].every(({ inFlight }) => inFlight.length === 0);
  }
}
