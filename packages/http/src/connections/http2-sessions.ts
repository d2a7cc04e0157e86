import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import { overrideMethod } from '../util/override-method.ts';
import { endWithin, now, handshakeWithin } from './arrival.ts';
import { type IsLeftOut, Responses } from './responses.ts';
import type { ConnectionStream } from './stream.ts';

/** The HTTP/2 sessions of one server, with the responses in flight on each. */
export class Http2Sessions {
  readonly #sessions = new Map<ServerHttp2Session, Responses>();
  /** What a session is spoken on. */
  readonly #beneath = new WeakMap<ServerHttp2Session, ConnectionStream>();
  /** When those that idle were closed, in ms of `now()`. */
  readonly #closedAt = new WeakMap<ServerHttp2Session, number>();
  readonly #onClose: () => void;
  #closing = false;

  /** @param onClose - called when a session has closed */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  get all(): Iterable<Responses> {
    return this.#sessions.values();
  }

  /** All but those that carry a response left out. */
  waitedFor(isLeftOut: IsLeftOut): ServerHttp2Session[] {
    const waitedFor = [...this.#sessions].filter(([, { inFlight }]) => !inFlight.some(isLeftOut));
    return waitedFor.map(([session]) => session);
  }

  add(session: ServerHttp2Session): Responses {
    let responses = this.#sessions.get(session);
    if (responses === undefined) {
      responses = new Responses();
      // It has just shaken hands: its first request is on the way.
      if (this.#closing) responses.quietUntil = now() + handshakeWithin;
      this.#sessions.set(session, responses);
      session.once('close', () => {
        this.#sessions.delete(session);
        this.#onClose();
      });
    }
    return responses;
  }

  /** A session has been made of a connection. */
  addNew(session: ServerHttp2Session, beneath: ConnectionStream | undefined): void {
    this.add(session);
    if (beneath !== undefined) this.#beneath.set(session, beneath);
  }

  /** Listening has stopped. */
  close(): void {
    this.#closing = true;
  }

  reopen(): void {
    this.#closing = false;
  }

  /**
   * Once closing: sends GOAWAY on each, but on those whose first request may be on the way: Node refuses
   * what comes after it. A session ends with its last stream. Gives in how many ms there is more to end.
   */
  endQuiet(asOf: number): number {
    let next = Infinity;
    for (const [session, { inFlight, used, quietUntil }] of this.#sessions) {
      const wait = used ? 0 : quietUntil - asOf;
      if (wait <= 0 && !session.closed) session.close();
      if (wait > 0) next = Math.min(next, wait);
      else if (inFlight.length === 0) next = Math.min(next, this.#endStalled(session));
    }
    return next;
  }

  /** What is no socket of Node's may stay open when the session on it is over. Gives in how many ms to look again. */
  #endStalled(session: ServerHttp2Session): number {
    const closedAt = this.#closedAt.get(session) ?? now();
    this.#closedAt.set(session, closedAt);
    const wait = closedAt + endWithin - now();
    if (wait > 0) return wait;
    session.destroy();
    this.#beneath.get(session)?.destroy();
    return Infinity;
  }

  /** Runs Node's own sending of GOAWAY, which `endQuiet()` does instead. */
  spare(closeAll: () => void): void {
    const undo = [...this.#sessions.keys()].map((session) =>
      overrideMethod(session, 'close', () => {}),
    );
    closeAll();
    for (const each of undo) each();
  }

  /** Gives the responses that this cut off. Of a session that carries a response left out, that one goes on. */
  destroy(isLeftOut: IsLeftOut): ServerResponse[] {
    const cut: ServerResponse[] = [];
    for (const [session, { inFlight }] of this.#sessions) {
      const others = inFlight.filter((response) => !isLeftOut(response));
      cut.push(...others);
      if (others.length === inFlight.length) session.destroy();
      else for (const response of others) streamOf(response).destroy();
    }
    return cut;
  }
}

function streamOf(response: ServerResponse): Http2ServerResponse['stream'] {
  return (response as unknown as Http2ServerResponse).stream;
}
