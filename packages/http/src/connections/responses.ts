import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { nextRequestWithin, now } from './arrival.ts';
import type { ConnectionStream } from './stream.ts';

/** Whether a response belongs to the caller of a shutdown, which answers once that is over. */
export type IsLeftOut = (response: ServerResponse) => boolean;

/**
 * The responses of one connection that are in flight, in the order of their requests. To hear of
 * their ends would cost each a listener; a connection that idles must not keep its last one in memory.
 */
export class Responses {
  /** Whether a request has come. */
  used = false;
  /** Where none is in flight: until when the next request may arrive, once the server closes. In ms, see `now()`. */
  quietUntil: number = now() + nextRequestWithin;
  readonly #socket: Answering | undefined;
  #noted: WeakRef<ServerResponse>[] = [];

  /** @param socket - of a connection that speaks HTTP/1 */
  constructor(socket?: ConnectionStream) {
    this.#socket = socket;
  }

  add(response: ServerResponse): void {
    this.used = true;
    // The one that is being answered, so all but pipelined ones, is known to the socket for just that long.
    if (response === this.#socket?._httpMessage) return;
    this.#noted = this.#noted.filter((noted) => isInFlight(noted.deref()));
    if (!this.#noted.some((noted) => noted.deref() === response)) {
      this.#noted.push(new WeakRef(response));
    }
  }

  get inFlight(): ServerResponse[] {
    const answering = this.#socket?._httpMessage ?? undefined;
    const noted = this.#noted.map((each) => each.deref());
    return [answering, ...noted.filter((response) => response !== answering)].filter(isInFlight);
  }
}

type Answering = ConnectionStream & { readonly _httpMessage?: ServerResponse | null };

function isInFlight(response: ServerResponse | undefined): response is ServerResponse {
  // What frameworks make to route an upgrade by is never sent.
  if (
    response === undefined ||
    (response.req as { upgrade?: boolean } | undefined)?.upgrade === true
  )
    return false;
  const { stream } = response as unknown as Partial<Http2ServerResponse>;
  if (response.req?.httpVersionMajor >= 2) return stream?.destroyed === false;
  return !response.destroyed && !response.writableFinished;
}
