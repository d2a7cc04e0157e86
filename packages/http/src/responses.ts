import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';

/**
 * The responses of one connection that are in flight, in the order of their requests. To be told of
 * their ends would cost each a listener; a connection that idles must not keep its last one in memory.
 */
export class Responses {
  #all: WeakRef<ServerResponse>[] = [];

  /** Whether it is a new one. */
  add(response: ServerResponse): boolean {
    const { inFlight } = this;
    if (inFlight.includes(response)) return false;
    this.#all = [...inFlight, response].map((each) => new WeakRef(each));
    return true;
  }

  get inFlight(): ServerResponse[] {
    return this.#all
      .map((reference) => reference.deref())
      .filter((response) => response !== undefined && !isOver(response)) as ServerResponse[];
  }
}

function isOver(response: ServerResponse): boolean {
  const { stream } = response as unknown as Partial<Http2ServerResponse>;
  if (response.req.httpVersionMajor >= 2) return stream?.destroyed !== false;
  return response.destroyed || response.writableFinished;
}
