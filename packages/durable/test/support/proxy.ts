import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '@outlive/test-support/free-port';

/** A connection to a server that can be slow, cut, refused, or fall silent. */
export class Proxy {
  state: 'open' | 'refusing' | 'silent' = 'open';
  /** Time in ms that everything takes, in either direction. */
  latency = 0;
  /** What becomes of a chunk that comes from the server. */
  fromServer = (chunk: Buffer): Buffer => chunk;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((from) => {
    if (this.state === 'refusing') {
      reset(from);
      return;
    }
    const to = connect(this.#target, '127.0.0.1');
    for (const [socket, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.on('data', (given: Buffer) => {
        if (this.state === 'silent') return;
        const chunk = socket === to ? this.fromServer(given) : given;
        if (this.latency === 0) other.write(chunk);
        else setTimeout(() => other.write(chunk), this.latency);
      });
    }
  });
  readonly #target: number;
  port = 0;

  private constructor(target: number) {
    this.#target = target;
  }

  static async start(target: number): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.port = await freePort();
    proxy.#server.listen(proxy.port, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Resets every connection, and each new one, until it is opened again. */
  cut(): void {
    this.state = 'refusing';
    for (const socket of this.#sockets) reset(socket);
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Node never closes a socket that is reset while it shuts down, and then hangs for good as it exits. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
