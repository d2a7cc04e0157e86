import { type EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, ServerHttp2Session } from 'node:http2';
import { Socket } from 'node:net';
import { type Deferred, deferred } from '@outlive/core/internal';

/**
 * The connections of one server, so that a closing server can end each as soon as it may: Node itself
 * leaves a connection whose response went out as keep-alive open for another six seconds, and one that
 * never sent a request for a minute.
 */
export class Connections {
  /** The responses in flight on each socket, in the order of their requests. */
  readonly #sockets = new Map<Socket, ServerResponse[]>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** The responses in flight on those. */
  readonly #streams = new Set<ServerResponse>();
  /** Sockets that now speak another protocol, such as WebSocket. */
  readonly #upgraded = new Set<Socket>();
  /** TLS connections that have not completed their handshake, by where they come from. */
  readonly #handshakes = new Map<string, Socket>();
  /** Responses that say `close` because of us, and might yet have to take it back. */
  readonly #announced = new WeakSet<ServerResponse>();
  #closing: Deferred<void> = deferred();
  #phase: 'open' | 'announcing' | 'closing' = 'open';
  /** The socket that is being accepted right now: an HTTP/2 session may be made of it. */
  #accepting: Socket | undefined;

  addHandshake(socket: Socket): void {
    const from = origin(socket);
    this.#handshakes.set(from, socket);
    socket.once('close', () => {
      this.#handshakes.delete(from);
    });
  }

  addSocket(socket: Socket): void {
    this.#accepting = socket;
    this.#handshakes.delete(origin(socket));
    if (this.#sockets.has(socket)) return;
    this.#sockets.set(socket, []);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#upgraded.delete(socket);
    });
  }

  addSession(session: ServerHttp2Session): void {
    // From here on the session, not the socket, knows whether it is idle.
    if (this.#accepting !== undefined) this.#sockets.delete(this.#accepting);
    this.#accepting = undefined;
    if (this.#sessions.has(session)) return;
    this.#sessions.add(session);
    session.once('close', () => {
      this.#sessions.delete(session);
    });
    if (this.#phase === 'closing') session.close();
  }

  addUpgraded(socket: Socket): void {
    this.addSocket(socket);
    this.#upgraded.add(socket);
  }

  addResponse(request: IncomingMessage, response: ServerResponse): void {
    if ('stream' in request) {
      const { session } = (request as unknown as Http2ServerRequest).stream;
      if (session !== undefined && !this.#sessions.has(session as ServerHttp2Session)) {
        this.addSession(session as ServerHttp2Session);
      }
      this.#streams.add(response);
      response.once('close', () => {
        this.#streams.delete(response);
      });
      return;
    }
    const { socket } = request;
    this.addSocket(socket);
    this.#accepting = undefined;
    const inFlight = (this.#sockets.get(socket) ?? []).filter((each) => !isOver(each));
    inFlight.push(response);
    this.#sockets.set(socket, inFlight);
    if (this.#phase !== 'open') this.#announce(inFlight);
    if (this.#phase === 'closing') this.#endWithLast(socket, response);
  }

  /**
   * Finds the connections that a server had before it was attached. Node has no public list of them;
   * what this one misses is ended by Node's own time-outs.
   */
  discover(server: object): void {
    const { _getActiveHandles: activeHandles } = process as {
      _getActiveHandles?: () => readonly {
        server?: unknown;
        _httpMessage?: ServerResponse | null;
      }[];
    };
    for (const handle of activeHandles?.call(process) ?? []) {
      if (handle.server !== server || !(handle instanceof Socket)) continue;
      this.addSocket(handle);
      if (handle._httpMessage) this.addResponse(handle._httpMessage.req, handle._httpMessage);
    }
    this.#accepting = undefined;
  }

  /** From now on every response that can still say so says `Connection: close`. */
  announceClose(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'announcing';
    for (const inFlight of this.#sockets.values()) this.#announce(inFlight);
  }

  /** Listening has stopped: ends what is idle, and the rest as it falls idle. */
  close(): void {
    this.announceClose();
    if (this.#phase === 'closing') return;
    this.#phase = 'closing';
    this.#closing.resolve();
    for (const [socket, inFlight] of this.#sockets) {
      if (this.#upgraded.has(socket)) continue;
      for (const response of inFlight) this.#endWithLast(socket, response);
      this.#endIfIdle(socket);
    }
    for (const socket of this.#handshakes.values()) socket.destroy();
    for (const session of this.#sessions) session.close();
  }

  /** The server listens again. */
  reopen(): void {
    this.#phase = 'open';
    this.#closing = deferred();
  }

  /** Once closing: resolves when no response is in flight and no HTTP/2 session is left; upgraded sockets do not count. */
  async quiet(): Promise<void> {
    await this.#closing.promise;
    const left: EventEmitter[] = [...this.#sessions];
    for (const inFlight of this.#sockets.values()) {
      left.push(...inFlight.filter((response) => !isOver(response)));
    }
    if (left.length === 0) return;
    await Promise.all(left.map(async (each) => once(each, 'close')));
    await this.quiet();
  }

  /** Ends by force what does not end by itself; gives the responses that this cut off. */
  destroy(): ServerResponse[] {
    const cut: ServerResponse[] = [...this.#streams];
    for (const [socket, inFlight] of this.#sockets) {
      const unfinished = inFlight.filter((response) => !isOver(response));
      cut.push(...unfinished);
      if (unfinished.length > 0 || this.#upgraded.has(socket)) socket.destroy();
    }
    for (const socket of this.#handshakes.values()) socket.destroy();
    for (const session of this.#sessions) session.destroy();
    return cut;
  }

  // Node ends the connection after the first response that says `close`: of pipelined requests, which
  // must all be answered, only the last may.
  #announce(inFlight: readonly ServerResponse[]): void {
    const last = inFlight.findLast((response) => !isOver(response));
    for (const response of inFlight) {
      if (response.headersSent) continue;
      if (response !== last && this.#announced.delete(response)) response.shouldKeepAlive = true;
      if (response === last && response.shouldKeepAlive) {
        response.shouldKeepAlive = false;
        this.#announced.add(response);
      }
    }
  }

  #endWithLast(socket: Socket, response: ServerResponse): void {
    response.once('close', () => {
      if (this.#phase === 'closing') this.#endIfIdle(socket);
    });
  }

  #endIfIdle(socket: Socket): void {
    const inFlight = this.#sockets.get(socket);
    if (inFlight === undefined || this.#upgraded.has(socket) || !inFlight.every(isOver)) return;
    // What the last response wrote is still flushed.
    socket.destroySoon();
  }
}

function origin({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function isOver(response: ServerResponse): boolean {
  return response.destroyed || response.writableFinished;
}
