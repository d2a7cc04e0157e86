import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { deferred } from '@outlive/test-support/deferred';
import type { Hello, Update } from '../../src/wire.ts';

/** The events of an open page, as they come. */
export class Stream implements Disposable {
  readonly response: IncomingMessage;
  hello: Hello | undefined;
  readonly updates: Update[] = [];
  /** The page is to ask for another one. */
  isOver = false;
  #text = '';
  #next = deferred();

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8').on('data', (chunk: string) => {
      this.#read(chunk);
      this.#next.resolve();
      this.#next = deferred();
    });
    response.on('error', () => undefined);
  }

  static async open({ port }: { readonly port: number }, query = ''): Promise<Stream> {
    const path = `/_jobs/events${query}`;
    const sent = request({ host: '127.0.0.1', port, path, agent: false }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const stream = new Stream(response);
    await stream.has(() => stream.hello !== undefined && stream.updates.length > 0);
    return stream;
  }

  /** The last of each part. */
  get last(): Update {
    return Object.assign({}, ...this.updates) as Update;
  }

  /** Resolves when it holds, looked at after each piece that arrives; fails the test if it does not come to hold within a minute. */
  async has(condition: () => boolean): Promise<void> {
    const { promise: late, reject } = deferred<never>();
    const timer = setTimeout(() => {
      reject(new Error(`Never came to hold: ${String(condition)}`));
    }, 60_000);
    try {
      while (!condition()) await Promise.race([this.#next.promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves when the server has ended it. */
  async ended(): Promise<void> {
    if (!this.response.closed) await once(this.response, 'close');
  }

  [Symbol.dispose](): void {
    this.response.destroy();
  }

  #read(chunk: string): void {
    const blocks = (this.#text + chunk).split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, event, data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (event === 'hello') this.hello = JSON.parse(data) as Hello;
      if (event === 'renew') this.isOver = true;
      if (event === 'update') this.updates.push(JSON.parse(data) as Update);
    }
  }
}
