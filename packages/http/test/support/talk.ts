import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { until } from '@outlive/test-support/conditions';

/** A client that speaks HTTP/1 on any stream. */
export class Talk implements Disposable {
  readonly stream: Duplex;
  received = '';
  readonly #beneath: Duplex;

  constructor(stream: Duplex, beneath = stream) {
    this.stream = stream;
    this.#beneath = beneath;
    stream.on('data', (chunk: Buffer) => {
      this.received += String(chunk);
    });
  }

  ask(path: string): void {
    this.stream.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  }

  /** Resolves when that has been received, rejects when the connection ends before. */
  async hears(text: string): Promise<void> {
    await until(() => this.received.includes(text) || this.stream.closed);
    if (!this.received.includes(text)) throw new Error(`Ended without ${text}: ${this.received}`);
  }

  async ended(): Promise<void> {
    if (!this.stream.readableEnded && !this.stream.closed) {
      await Promise.race([once(this.stream, 'end'), once(this.stream, 'close')]);
    }
  }

  [Symbol.dispose](): void {
    this.stream.destroy();
    this.#beneath.destroy();
  }
}
