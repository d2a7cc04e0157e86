import type { Exchange } from '../exchange.ts';

/** Time in ms after which a client that takes nothing is given up. */
const stuckAfter = 30_000;

/** Server-sent events for one page. Nothing is queued: a client that is slow gets less often what is true then. */
export class EventStream {
  readonly #exchange: Exchange;
  #blockedSince: number | undefined;
  #hasEnded = false;

  constructor(exchange: Exchange, onClose: () => void) {
    const { request, response } = exchange;
    this.#exchange = exchange;
    response.statusCode = 200;
    response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
    // Neither compressed, which would hold events back, nor buffered by nginx.
    response.setHeader('Cache-Control', 'no-store, no-transform');
    response.setHeader('X-Accel-Buffering', 'no');
    // So that a server that closes does not wait for the connection to time out.
    if (request.httpVersionMajor < 2) response.setHeader('Connection', 'close');
    response.once('close', onClose);
    // A write after its client has left fails in silence.
    response.on('error', () => undefined);
    response.flushHeaders();
  }

  /** Whether its server still listens: only then is the stream to go on. */
  get isWanted(): boolean {
    const { server } = (this.#exchange.request.socket ?? {}) as {
      server?: { listening?: boolean };
    };
    return server?.listening !== false;
  }

  /** Whether the client can take more now. One that could not for long is let go. */
  isReady(now: number): boolean {
    const { response } = this.#exchange;
    // Over HTTP/2 its stream knows.
    const { stream = response } = response as { stream?: { readonly writableNeedDrain: boolean } };
    if (!stream.writableNeedDrain && !this.#hasEnded) {
      this.#blockedSince = undefined;
      return true;
    }
    this.#blockedSince ??= now;
    if (now - this.#blockedSince > stuckAfter) response.destroy();
    return false;
  }

  send(event: 'hello' | 'update' | 'renew', data: object): void {
    this.#exchange.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.#hasEnded = true;
    this.#exchange.response.end();
  }
}
