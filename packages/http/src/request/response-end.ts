import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2Stream } from 'node:http2';
import type { Socket } from 'node:net';

export type HowItEnded = 'finished' | 'gone';

// Taken once, so that fake timers in a user's tests cannot hold it back.
const nextTick = process.nextTick.bind(process);

type Listener = (how: HowItEnded) => void;

/**
 * The end of a response: sent, or its connection gone.
 *
 * The one predicate that was right in every framework, over HTTP/1 and 2 and in every Node version
 * tried: the response's 'close', `writableEnded` read in the listener. On Node 20 and 22 the response
 * to a pipelined request never says 'close' when the client leaves, hence one more listener on the
 * socket, shared by all its requests (one each would be a leak warning after eleven).
 *
 * The responses of AWS Lambda adapters and of mocks may emit 'finish' alone, before they count as ended. Of Node's own
 * over HTTP/1 'finish' says the same as 'close', which follows in the next tick; over HTTP/2 it may be a reset.
 */
export class ResponseEnd {
  #how: HowItEnded | undefined;
  readonly #listeners = new Set<Listener>();
  readonly #response: ServerResponse;
  readonly #socket: Socket | undefined;
  #finished = false;
  readonly #onClose = (): void => {
    this.#end(this.#finished || this.#ended ? 'finished' : 'gone');
  };
  readonly #onFinish = (): void => {
    this.#finished = true;
    nextTick(this.#onClose);
  };

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#response = response;
    // The socket of an HTTP/2 request is a stand-in that serves all its streams: 'close' is enough there.
    const { stream } = response as { stream?: Partial<Http2Stream> };
    const socket = stream === undefined ? (request.socket as Socket | undefined) : undefined;
    this.#socket = typeof socket?.once === 'function' ? socket : undefined;
    // Listeners added too late are never called.
    if (response.destroyed || stream?.destroyed || this.#socket?.destroyed) {
      this.#end(this.#ended && !wasCutOff(response, stream) ? 'finished' : 'gone');
      return;
    }
    response.once('close', this.#onClose);
    // That of an upgraded request's socket says that the server has said its last, and the client may go on.
    if (stream === undefined && (response as object) !== socket) {
      response.once('finish', this.#onFinish);
      // Asked after that event, or in it, when a response may not count as ended yet.
      nextTick(() => {
        if (isSent(response)) this.#onFinish();
      });
    }
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
    this.#response.off('finish', this.#onFinish);
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

/** Whether 'finish' has been emitted already; of a mock or a stand-in socket that cannot say, whether it has been ended. */
function isSent({ writableEnded, writableFinished, socket }: Partial<ServerResponse>): boolean {
  if (writableEnded !== true) return false;
  const cannotSay =
    socket !== null && socket !== undefined && typeof socket.writableLength !== 'number';
  return writableFinished !== false || cannotSay;
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
