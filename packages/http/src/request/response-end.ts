import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2Stream } from 'node:http2';
import type { Socket } from 'node:net';

export type HowItEnded = 'finished' | 'gone';

type Listener = (how: HowItEnded) => void;

/**
 * The end of a response: sent, or its connection gone.
 *
 * The one predicate that was right in every framework, over HTTP/1 and 2 and in every Node version
 * tried: the response's 'close', `writableEnded` read in the listener. On Node 20 and 22 the response
 * to a pipelined request never says 'close' when the client leaves, hence one more listener on the
 * socket, shared by all its requests (one each would be a leak warning after eleven).
 */
export class ResponseEnd {
  #how: HowItEnded | undefined;
  readonly #listeners = new Set<Listener>();
  readonly #response: ServerResponse;
  readonly #socket: Socket | undefined;
  readonly #onClose = (): void => {
    this.#end(this.#ended ? 'finished' : 'gone');
  };

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#response = response;
    // The socket of an HTTP/2 request is a stand-in that serves all its streams: 'close' is enough there.
    const { stream } = response as { stream?: Partial<Http2Stream> };
    const socket = stream === undefined ? (request.socket as Socket | undefined) : undefined;
    this.#socket = typeof socket?.on === 'function' ? socket : undefined;
    // Listeners added too late are never called.
    if (response.destroyed || stream?.destroyed || this.#socket?.destroyed) {
      this.#end(this.#ended && !wasCutOff(response, stream) ? 'finished' : 'gone');
      return;
    }
    response.once('close', this.#onClose);
    if (this.#socket !== undefined) onSocketClose(this.#socket, this.#onClose);
  }

  get over(): boolean {
    return this.#how !== undefined;
  }

  /** Of an upgraded request the socket stands for the response: whichever side ends it, the other is gone. */
  get #ended(): boolean {
    return this.#response.writableEnded && (this.#response as object) !== this.#socket;
  }

  /** Calls back once, at once if it is over already. */
  on(listener: Listener): void {
    if (this.#how === undefined) this.#listeners.add(listener);
    else listener(this.#how);
  }

  whenOver(): Promise<HowItEnded> {
    return new Promise((resolve) => {
      this.on(resolve);
    });
  }

  #end(how: HowItEnded): void {
    if (this.#how !== undefined) return;
    this.#how = how;
    this.#response.off('close', this.#onClose);
    if (this.#socket !== undefined) offSocketClose(this.#socket, this.#onClose);
    for (const listener of this.#listeners) listener(how);
    this.#listeners.clear();
  }
}

/**
 * Whether the client had gone before a response that is over was "ended", asked too late to have seen
 * it: what has been sent lets go of its socket.
 */
function wasCutOff({ socket }: ServerResponse, stream: Partial<Http2Stream> | undefined): boolean {
  return stream === undefined ? socket?.destroyed === true : stream.aborted === true;
}

const closeListeners = new WeakMap<Socket, Set<() => void>>();

function onSocketClose(socket: Socket, listener: () => void): void {
  let listeners = closeListeners.get(socket);
  if (listeners === undefined) {
    const created = new Set<() => void>();
    listeners = created;
    closeListeners.set(socket, created);
    socket.once('close', () => {
      for (const each of created) each();
    });
  }
  listeners.add(listener);
}

function offSocketClose(socket: Socket, listener: () => void): void {
  closeListeners.get(socket)?.delete(listener);
}
