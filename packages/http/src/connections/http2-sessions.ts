import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import { type IsLeftOut, Responses } from './responses.ts';

/** The HTTP/2 sessions of one server, with the responses in flight on each. */
export class Http2Sessions {
  readonly #sessions = new Map<ServerHttp2Session, Responses>();
  readonly #onClose: () => void;
  #closing = false;

  /** @param onClose - called when a session has closed */
  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  get all(): Iterable<Responses> {
    return this.#sessions.values();
  }

  add(session: ServerHttp2Session): Responses {
    let responses = this.#sessions.get(session);
    if (responses === undefined) {
      responses = new Responses();
      this.#sessions.set(session, responses);
      session.once('close', () => {
        this.#sessions.delete(session);
        this.#onClose();
      });
      if (this.#closing) session.close();
    }
    return responses;
  }

  /** Sends GOAWAY on each, also on those still to come: a session ends with its last stream. */
  close(): void {
    this.#closing = true;
    for (const session of this.#sessions.keys()) session.close();
  }

  reopen(): void {
    this.#closing = false;
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
