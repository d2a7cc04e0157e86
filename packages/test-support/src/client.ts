import { once } from 'node:events';
import {
  type Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** A request, by default on a connection of its own. */
export async function fetchFrom(
  { port }: { readonly port: number },
  path: string,
  { method = 'GET', headers, body, agent }: RequestOptions = {},
): Promise<Answer> {
  // By its address: of the two that `localhost` may have, Node gives the first one no more than 250 ms.
  const host = '127.0.0.1';
  const request = httpRequest({ host, port, path, method, headers, agent: agent ?? false });
  const [response] = (await once(request.end(body), 'response')) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: await text(response),
  };
}

export type Leaving = 'FIN' | 'RST' | 'half-close';

/** A client that speaks for itself, and leaves as it likes. */
export class Client implements Disposable {
  readonly socket: Socket;
  received = '';
  readonly #ends = new AbortController();

  constructor({ port }: { readonly port: number }) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.received += chunk;
    });
    this.socket.on('error', () => {});
    this.socket.once('close', () => {
      this.#ends.abort();
    });
  }

  /** Sends a request; with `length`, only the beginning of its body. */
  send(method: string, path: string, body?: { type: string; text: string; length?: number }): void {
    const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost'];
    if (body !== undefined) {
      lines.push(
        `Content-Type: ${body.type}`,
        `Content-Length: ${body.length ?? body.text.length}`,
      );
    }
    this.socket.write(`${lines.join('\r\n')}\r\n\r\n${body?.text ?? ''}`);
  }

  /** Resolves when this many answers have begun to arrive, with this text in the last of them. */
  async answers(count: number, body = ''): Promise<void> {
    const arrived = (): boolean => {
      const last = this.received.split('HTTP/1.1 ')[count];
      return last?.includes('\r\n\r\n') === true && last.includes(body);
    };
    while (!arrived()) await once(this.socket, 'data', { signal: this.#ends.signal });
  }

  leave(how: Leaving): void {
    switch (how) {
      case 'FIN':
        this.socket.destroy();
        break;
      case 'RST':
        this.socket.resetAndDestroy();
        break;
      case 'half-close':
        this.socket.end();
        break;
      default:
        how satisfies never;
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
