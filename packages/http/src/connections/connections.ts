import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { type Deferred, deferred } from '@outlive/core/internal';
import { Http1Sockets } from './http1-sockets.ts';
import { Http2Sessions } from './http2-sessions.ts';
import { openSockets } from './open-sockets.ts';
import { PreRequestSockets } from './pre-request-sockets.ts';
import { type IsLeftOut, Responses } from './responses.ts';
import { UpgradedSockets } from './upgraded-sockets.ts';

const leavesOutNone: IsLeftOut = () => false;

/** Something that is waited for, and whether it has come. */
interface Wait {
  readonly isOver: () => boolean;
  readonly deferred: Deferred<void>;
}

/**
 * The connections of one server, so that a closing server can end each as soon as it may: Node itself
 * leaves a connection whose response went out as keep-alive open for another six seconds, and one that
 * never sent a request for a minute.
 */
export class Connections {
  readonly #onClose = (): void => {
    this.#changed();
  };
  readonly #sockets = new Http1Sockets((socket) => {
    if (this.#accepting === socket) this.#accepting = undefined;
    this.#changed();
  });
  readonly #sessions = new Http2Sessions(this.#onClose);
  readonly #upgraded = new UpgradedSockets(this.#onClose);
  readonly #preRequest = new PreRequestSockets();
  /** Responses whose end is waited for, to end their connection. */
  readonly #awaited = new WeakSet<ServerResponse>();
  #phase: 'open' | 'announcing' | 'closing' = 'open';
  #isLeftOut = leavesOutNone;
  #waits: Wait[] = [];
  /** The socket that is being accepted right now: an HTTP/2 session may be made of it. */
  #accepting: Socket | undefined;

  addHandshake(socket: Socket): void {
    this.#preRequest.addHandshake(socket);
  }

  addSocket(socket: Socket): void {
    this.#accepting = socket;
    this.#preRequest.handshakeDone(socket);
    this.#sockets.add(socket);
  }

  addSession(session: ServerHttp2Session): void {
    // From here on the session, not the socket, knows whether it is idle.
    if (this.#accepting !== undefined) this.#sockets.handOver(this.#accepting);
    this.#accepting = undefined;
    this.#sessions.add(session);
  }

  addUpgraded(socket: Socket): void {
    this.#upgraded.add(socket, this.#sockets.handOver(socket) ?? new Responses(socket));
  }

  addResponse(request: IncomingMessage, response: ServerResponse): void {
    const isHttp1 = request.httpVersionMajor < 2;
    // Reset by its client already, a stream has no session any more.
    const { session } = isHttp1 ? {} : (response as unknown as Http2ServerResponse).stream;
    if (!isHttp1 && session === undefined) return;
    const responses =
      session === undefined
        ? this.#sockets.add(request.socket)
        : this.#sessions.add(session as ServerHttp2Session);
    responses.add(response);
    if (isHttp1 && this.#phase !== 'open') this.#sockets.announceClose(responses);
    if (this.#phase === 'closing') this.#awaitEnd(response);
  }

  /** Finds the connections that a server had before it was attached. */
  discover(server: object): void {
    for (const { socket, isHttp1, response } of openSockets(server)) {
      if (isHttp1) this.#sockets.add(socket);
      else this.#preRequest.addFound(socket);
      if (response !== undefined) this.addResponse(response.req, response);
    }
  }

  /** All responses in flight. */
  get inFlight(): ServerResponse[] {
    return this.#all.flatMap(({ inFlight }) => inFlight);
  }

  /** Whether connections are left that no response in flight keeps open. */
  get hasOthers(): boolean {
    return this.#all.some(({ inFlight }) => inFlight.length === 0);
  }

  /** From now on every response that can still say so says `Connection: close`. */
  announceClose(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'announcing';
    this.#sockets.announceCloseOnAll();
  }

  /** Listening has stopped: ends what is idle, and the rest as it falls idle. */
  close(): void {
    this.announceClose();
    this.#phase = 'closing';
    for (const response of this.inFlight) this.#awaitEnd(response);
    this.#sockets.endIdle();
    this.#preRequest.destroy();
    this.#sessions.close();
    this.#changed();
  }

  /** The server listens again. */
  reopen(): void {
    this.#phase = 'open';
    this.#isLeftOut = leavesOutNone;
    this.#sessions.reopen();
  }

  /** Runs Node's own ending of idle connections, but for those whose response is not all sent. */
  spareUnsent(endIdle: () => void): void {
    this.#sockets.spareUnsent(endIdle);
  }

  /** These responses are neither waited for nor destroyed in the present close. */
  leaveOut(isLeftOut: IsLeftOut): void {
    this.#isLeftOut = isLeftOut;
    this.#changed();
  }

  /** Once closing: resolves when no response is in flight and no HTTP/2 session is left, but for those left out. */
  async whenIdle(): Promise<void> {
    await this.#when(
      () =>
        this.inFlight.every(this.#isLeftOut) &&
        [...this.#sessions.all].every(({ inFlight }) => inFlight.length > 0),
    );
  }

  /** Once closing: resolves when every connection that is left carries a response left out. */
  async whenLeftOutRemain(): Promise<void> {
    await this.#when(() => this.#all.every(({ inFlight }) => inFlight.some(this.#isLeftOut)));
  }

  /** Whether a response that is left out is in flight. */
  get hasLeftOut(): boolean {
    return this.inFlight.some(this.#isLeftOut);
  }

  /** Ends by force what does not end by itself; gives the responses that this cut off. */
  destroy(): ServerResponse[] {
    this.#preRequest.destroy();
    return [
      ...this.#sessions.destroy(this.#isLeftOut),
      ...this.#sockets.destroyBusy(this.#isLeftOut),
      ...this.#upgraded.destroy(),
    ];
  }

  get #all(): Responses[] {
    return [...this.#sockets.all, ...this.#sessions.all, ...this.#upgraded.all];
  }

  #awaitEnd(response: ServerResponse): void {
    if (this.#awaited.has(response)) return;
    this.#awaited.add(response);
    // The response lets go of its socket when it has been sent.
    const { socket } = response.req;
    response.once('close', () => {
      this.#sockets.endIfIdle(socket);
      this.#changed();
    });
  }

  async #when(isOver: () => boolean): Promise<void> {
    const wait = { isOver, deferred: deferred<void>() };
    this.#waits.push(wait);
    this.#changed();
    await wait.deferred.promise;
  }

  /** A connection or a response has ended: perhaps that was waited for. */
  #changed(): void {
    if (this.#phase !== 'closing') return;
    for (const wait of this.#waits.filter(({ isOver }) => isOver())) {
      this.#waits.splice(this.#waits.indexOf(wait), 1);
      wait.deferred.resolve();
    }
  }
}
