import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import { Http1Sockets } from './http1-sockets.ts';
import { Http2Sessions } from './http2-sessions.ts';
import { openSockets } from './open-sockets.ts';
import { PreRequestSockets } from './pre-request-sockets.ts';
import { type IsLeftOut, Responses } from './responses.ts';
import { type ConnectionStream, isStream } from './stream.ts';
import { Sweep } from './sweep.ts';
import { UpgradedSockets } from './upgraded-sockets.ts';
import { Waits } from './waits.ts';
import { type Closeable, whenGone } from './when-gone.ts';

const leavesOutNone: IsLeftOut = () => false;

/**
 * The connections of one server, so that a closing server can end each as soon as it may: Node itself
 * leaves a connection whose response went out as keep-alive open for another six seconds, and one that
 * never sent a request for a minute.
 */
export class Connections {
  readonly #onClose = (): void => {
    this.#changed();
  };
  readonly #sockets: Http1Sockets;
  readonly #sessions = new Http2Sessions(this.#onClose);
  readonly #upgraded = new UpgradedSockets(this.#onClose);
  readonly #preRequest = new PreRequestSockets(this.#onClose);
  readonly #sweep = new Sweep(() => this.#endQuiet());
  /** Responses whose end is waited for, to end their connection. */
  readonly #awaited = new WeakSet<ServerResponse>();
  #phase: 'open' | 'announcing' | 'closing' = 'open';
  #isLeftOut = leavesOutNone;
  readonly #waits = new Waits();
  /** The socket that is being accepted right now: an HTTP/2 session may be made of it. */
  #accepting: ConnectionStream | undefined;

  /** @param server - that they belong to */
  constructor(server: object) {
    this.#sockets = new Http1Sockets(server, (socket) => {
      if (this.#accepting === socket) this.#accepting = undefined;
      this.#changed();
    });
  }

  addHandshake(socket: ConnectionStream): void {
    this.#preRequest.addHandshake(socket);
    this.#sweepIfClosing();
  }

  addSocket(socket: ConnectionStream): void {
    this.#accepting = socket;
    this.#preRequest.handshakeDone(socket);
    this.#sockets.add(socket);
    this.#sweepIfClosing();
  }

  addSession(session: ServerHttp2Session): void {
    // From here on the session, not the socket, knows whether it is idle.
    if (this.#accepting !== undefined) this.#sockets.handOver(this.#accepting);
    this.#sessions.addNew(session, this.#accepting);
    this.#accepting = undefined;
    this.#sweepIfClosing();
  }

  addUpgraded(socket: ConnectionStream): void {
    this.#upgraded.add(socket, this.#sockets.handOver(socket) ?? new Responses(socket));
  }

  addResponse(request: IncomingMessage, response: ServerResponse): void {
    const isHttp2 = request?.httpVersionMajor >= 2;
    const responses = isHttp2 ? this.#onSession(response) : this.#onSocket(request?.socket);
    if (responses === undefined) return;
    responses.add(response);
    if (!isHttp2 && this.#phase !== 'open') this.#sockets.announceClose(responses);
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
    this.#sockets.close();
    this.#preRequest.close();
    this.#sessions.close();
    this.#sweep.soon();
    this.#changed();
  }

  /** The server listens again. */
  reopen(): void {
    this.#phase = 'open';
    this.#isLeftOut = leavesOutNone;
    this.#sockets.reopen();
    this.#sessions.reopen();
    this.#sweep.stop();
  }

  /** Runs Node's own ending of idle connections, but for those whose response is not all sent or whose request is on the way. */
  spareUnsent(endIdle: () => void): void {
    this.#sockets.spareUnsent(endIdle);
  }

  /** Runs Node's own close of a server, but for the GOAWAY that it sends: `close()` sees to that, when what has arrived is read. */
  spareSessions(close: () => void): void {
    this.#sessions.spare(close);
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
    await this.#when(
      () =>
        this.inFlight.every(this.#isLeftOut) &&
        !this.#sockets.mayBringMore &&
        !this.#preRequest.mayBringMore &&
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

  /**
   * Once closing: resolves when every connection has said 'close', and its responses with it, but for those
   * that carry a response left out, and those that have been upgraded and go on.
   *
   * @param bound - in ms, for those that are not destroyed
   */
  async whenGone(bound: number): Promise<void> {
    const left = (): Closeable[] => [
      ...this.#sockets.waitedFor(this.#isLeftOut),
      ...this.#sessions.waitedFor(this.#isLeftOut),
      ...this.#preRequest.streams,
      ...[...this.#upgraded.streams].filter(({ destroyed }) => destroyed),
    ];
    await whenGone(left, (isOver) => this.#when(isOver), bound);
  }

  /** Ends by force what does not end by itself; gives the responses that this cut off. */
  destroy(): ServerResponse[] {
    this.#preRequest.destroy();
    return [
      ...this.#sessions.destroy(this.#isLeftOut),
      ...this.#sockets.destroy(this.#isLeftOut),
      ...this.#upgraded.destroy(),
    ];
  }

  get #all(): Responses[] {
    return [...this.#sockets.all, ...this.#sessions.all, ...this.#upgraded.all];
  }

  /** Of a stand-in nothing is known. */
  #onSocket(socket: unknown): Responses | undefined {
    return this.#sockets.of(socket) ?? (isStream(socket) ? this.#sockets.add(socket) : undefined);
  }

  /** Reset by its client already, a stream has no session any more. */
  #onSession(response: ServerResponse): Responses | undefined {
    const { session } = (response as unknown as Partial<Http2ServerResponse>).stream ?? {};
    return session === undefined ? undefined : this.#sessions.add(session as ServerHttp2Session);
  }

  #awaitEnd(response: ServerResponse): void {
    if (this.#awaited.has(response)) return;
    this.#awaited.add(response);
    // The response lets go of its socket when it has been sent.
    const { socket } = response.req ?? {};
    response.once?.('close', () => {
      if (socket !== undefined) this.#sockets.fellIdle(socket);
      this.#sweepIfClosing();
      this.#changed();
    });
  }

  #endQuiet(): number {
    const wait = Math.min(
      this.#sockets.endQuiet(),
      this.#sessions.endQuiet(),
      this.#preRequest.endQuiet(),
    );
    this.#changed();
    return wait;
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
    if (this.#phase === 'closing') this.#waits.check();
  }
}
