import { Agent } from 'node:http';
import type { Socket } from 'node:net';

/** A client that keeps its connections for further requests, until the end of the block. */
export class KeepAlive implements Disposable {
  readonly agent = new Agent({ keepAlive: true });

  /** The connections that no request is using. */
  get idle(): Socket[] {
    return Object.values(this.agent.freeSockets).flatMap((sockets) => sockets ?? []);
  }

  [Symbol.dispose](): void {
    this.agent.destroy();
  }
}
