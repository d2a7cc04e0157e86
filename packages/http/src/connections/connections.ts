import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import { ConnectionSet } from './connection-set.ts';
import { openSockets } from './open-sockets.ts';
import { type IsLeftOut, Responses } from './responses.ts';
import { type ConnectionStream, isStream } from './stream.ts';
import { Sweep } from './sweep.ts';
import { Waits } from './waits.ts';
import { whenGone } from './when-gone.ts';

const leavesOutNone: IsLeftOut = () => false;

/**
 * The connections of one server, so that a closing server can end each as soon as it may: Node itself
 * leaves a connection whose response went out as keep-alive open for another six seconds, and one that
 * never sent a request for a minute.
 */
export class Connections {
  readonly #server: object;
  readonly #set: ConnectionSet;
  readonly #sweep = new Sweep((asOf) => this.#endQuiet(asOf));
  /** Responses whose end is waited for, to end their connection. */
  readonly #awaited = new WeakSet<ServerResponse>();
  #phase: 'open' | 'announcing' | 'closing' = 'open';
  #isLeftOut = leavesOutNone;
  readonly #waits = new Waits();
  /** The socket that is being accepted right now: an HTTP/2 session may be made of it. */
  #accepting: ConnectionStream | undefined;

  /** @param server - that they belong to */
  constructor(server: object) {
    this.#server = server;
    this.#set = new ConnectionSet(server, (socket) => {
      if (this.#accepting === socket) this.#accepting = undefined;
      this.#changed();
    });
  }

  addHandshake(socket: ConnectionStream): void {
    this.#set.preRequest.addHandshake(socket);
    this.#sweepIfClosing();
  }

  addSocket(socket: ConnectionStream): void {
    this.#accepting = socket;
    this.#set.preRequest.handshakeDone(socket);
    this.#set.sockets.add(socket);
    this.#sweepIfClosing();
  }

  addSession(session: ServerHttp2Session): void {
    // From here on the session, not the socket, knows whether it is idle.
    if (this.#accepting !== undefined) this.#set.sockets.handOver(this.#accepting);
    this.#set.sessions.addNew(session, this.#accepting);
    this.#accepting = undefined;
    this.#sweepIfClosing();
  }

  addUpgraded(socket: ConnectionStream): void {
    this.#set.upgraded.add(socket, this.#set.sockets.handOver(socket) ?? new Responses(socket));
  }

  addResponse(request: IncomingMessage, response: ServerResponse): void {
    const isHttp2 = request?.httpVersionMajor >= 2;
    const responses = isHttp2 ? this.#onSession(response) : this.#onSocket(request?.socket);
    if (responses === undefined) return;
    responses.add(response);
    if (!isHttp2 && this.#phase !== 'open') this.#set.sockets.announceClose(responses);
    if (this.#phase === 'closing') this.#awaitEnd(response);
  }

  /** Finds the connections that a server had before it was attached. */
  discover(server: object): void {
    for (const { socket, isHttp1, response } of openSockets(server)) {
      if (isHttp1) this.#set.sockets.add(socket);
      else this.#set.preRequest.addFound(socket);
      if (response !== undefined) this.addResponse(response.req, response);
    }
  }

  /** All responses in flight. */
  get inFlight(): ServerResponse[] {
    return this.#set.inFlight;
  }

  /** Whether connections are left that no response in flight keeps open. */
  get hasOthers(): boolean {
    return this.#set.all.some(({ inFlight }) => inFlight.length === 0);
  }

  /** From now on every response that can still say so says `Connection: close`. */
  announceClose(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'announcing';
    this.#set.sockets.announceCloseOnAll();
  }

  /** Listening has stopped: ends what is idle, and the rest as it falls idle. */
  close(): void {
    this.announceClose();
    this.#phase = 'closing';
    for (const response of this.inFlight) this.#awaitEnd(response);
    this.#set.close();
    this.#sweep.soon();
    this.#changed();
  }

  /** The server listens again. */
  reopen(): void {
    this.#phase = 'open';
    this.#isLeftOut = leavesOutNone;
    this.#set.reopen();
    this.#sweep.stop();
    this.#changed();
  }

  /** Runs Node's own ending of idle connections, but for those whose response is not all sent or whose request is on the way. */
  spareUnsent(endIdle: () => void): void {
    this.#set.sockets.spareUnsent(endIdle);
  }

  /** Runs Node's own close of a server, but for the GOAWAY that it sends: `close()` sees to that, when what has arrived is read. */
  spareSessions(close: () => void): void {
    this.#set.sessions.spare(close);
  }

  /** These responses are neither waited for nor destroyed in the present close. */
  leaveOut(isLeftOut: IsLeftOut): void {
    this.#isLeftOut = isLeftOut;
    this.#changed();
  }

  /**
   * Once closing: resolves when no response is in flight, none may follow and no HTTP/2 session is left,
   * but for those left out.
   */
  async whenIdle(): Promise<void> {
    await this.#whenClosing(() => this.#set.isIdle(this.#isLeftOut));
  }

  /** Once closing: resolves when every connection that is left carries a response left out. */
  async whenLeftOutRemain(): Promise<void> {
    await this.#whenClosing(() =>
      this.#set.all.every(({ inFlight }) => inFlight.some(this.#isLeftOut)),
    );
  }

  /** Whether a response that is left out is in flight. */
  get hasLeftOut(): boolean {
    return this.inFlight.some(this.#isLeftOut);
  }

  /**
   * Once closing: resolves when every connection has said 'close', and its responses with it, but for those
   * that carry a response left out, and those that have been upgraded and go on.
   *
   * @param bound - in ms, for those that are not destroyed
   */
  async whenGone(bound: number): Promise<void> {
    await whenGone(
      () => this.#set.waitedFor(this.#isLeftOut),
      // When the server listens again, its connections have nothing to do with the last close.
      (isOver) => this.#when(() => this.#phase !== 'closing' || isOver()),
      bound,
    );
  }

  /** Ends by force what does not end by itself, but for these responses; gives those that this cut off. */
  destroy(isSpared: IsLeftOut = leavesOutNone): ServerResponse[] {
    return this.#set.destroy((response) => this.#isLeftOut(response) || isSpared(response));
  }

  /** A stand-in, of a tool that fakes requests, has no end that could be waited for. */
  #onSocket(socket: unknown): Responses | undefined {
    const known = this.#set.sockets.of(socket);
    if (known !== undefined || !isStream(socket)) return known;
    const { server } = socket as { server?: object };
    return server === this.#server ? this.#set.sockets.add(socket) : undefined;
  }

  /** Reset by its client already, a stream has no session any more. */
  #onSession(response: ServerResponse): Responses | undefined {
    const { session } = (response as unknown as Partial<Http2ServerResponse>).stream ?? {};
    return session === undefined
      ? undefined
      : this.#set.sessions.add(session as ServerHttp2Session);
  }

  #awaitEnd(response: ServerResponse): void {
    if (this.#awaited.has(response)) return;
    this.#awaited.add(response);
    // The response lets go of its socket when it has been sent.
    const { socket } = response.req ?? {};
    response.once?.('close', () => {
      if (socket !== undefined) this.#set.sockets.fellIdle(socket);
      this.#sweepIfClosing();
      this.#changed();
    });
  }

  #endQuiet(asOf: number): number {
    const wait = this.#set.endQuiet(asOf);
    this.#changed();
    return wait;
  }

  async #whenClosing(isOver: () => boolean): Promise<void> {
    await this.#when(() => this.#phase === 'closing' && isOver());
  }

  async #when(isOver: () => boolean): Promise<void> {
    const over = this.#waits.until(isOver);
    this.#changed();
    await over;
  }

  #sweepIfClosing(): void {
    if (this.#phase === 'closing') this.#sweep.soon();
  }

  /** A connection or a response has ended: perhaps that was waited for. */
  #changed(): void {
    this.#waits.check();
  }
}
