import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const root = join(__dirname, '..');
const adapters = ['express', 'fastify', 'http', 'koa'];

/** An example in a process of its own. Its pretended work takes until `goOn()`. */
class Example {
  /** What it has printed, on stdout and stderr. */
  readonly lines: string[] = [];
  /** `[exit code, signal]`, once all that it has printed is in `lines`. */
  readonly closed: Promise<unknown[]>;
  readonly #process: ChildProcess;
  #port = '';

  constructor(name: string) {
    const preload = pathToFileURL(join(__dirname, 'held-pauses.mjs')).href;
    this.#process = spawn(process.execPath, ['--import', preload, 'server.mjs'], {
      cwd: join(root, 'examples', name),
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.closed = once(this.#process, 'close');
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      if (output === null) continue;
      createInterface(output).on('line', (line) => {
        this.lines.push(line);
        this.#process.emit('line');
      });
    }
  }

  /** Waits for a line that begins so, and gives the rest of it. */
  async line(start: string): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => line.startsWith(start));
      if (found !== undefined) return found.slice(start.length);
      const late = once(AbortSignal.timeout(60_000), 'abort');
      const ended = await Promise.race([once(this.#process, 'line'), this.closed, late]);
      if (ended.length > 0) throw new Error(`No line "${start}" in:\n${this.lines.join('\n')}`);
    }
  }

  async start(): Promise<void> {
    this.#port = await this.line('listening on port ');
  }

  /** Asks on a connection of its own. */
  ask(method: string, path: string, body?: object): ClientRequest {
    const headers = body && { 'content-type': 'application/json' };
    const place = { host: '127.0.0.1', port: this.#port, agent: false };
    const asked = request({ ...place, method, path, headers });
    // Of those who hang up.
    asked.on('error', () => undefined);
    asked.end(body && JSON.stringify(body));
    return asked;
  }

  async answer(method: string, path: string, body?: object): Promise<[number | undefined, string]> {
    const [response] = (await once(this.ask(method, path, body), 'response')) as [IncomingMessage];
    return [response.statusCode, await text(response)];
  }

  goOn(): void {
    this.#process.send('go on');
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}

describe.each(adapters)('the example for %s', (name) => {
  let example: Example;
  const answers: Record<string, [number | undefined, string]> = {};
  let linesBeforeWorkWentOn: string[] = [];
  let exit: unknown[] = [];

  beforeAll(async () => {
    example = new Example(name);
    await example.start();

    answers['order'] = await example.answer('POST', '/orders', { order: 7 });
    const payment = example.ask('POST', '/payments', { order: 7 });
    await example.line('charging order 7');
    payment.destroy();
    const report = example.ask('GET', '/report');
    await example.line('drawing up the report');
    report.destroy();
    await example.line('report cancelled');
    answers['product'] = await example.answer('GET', '/products/3');
    answers['ready'] = await example.answer('GET', '/ready');
    await example.line('warming the cache for product 3');
    linesBeforeWorkWentOn = [...example.lines];
    example.goOn();
    await example.line('receipt sent for order 7');
    await example.line('payment booked for order 7');
    await example.line('cache warmed for product 3');

    await example.answer('POST', '/orders', { order: 8 });
    example.kill('SIGTERM');
    await example.line('SIGTERM: shutting down');
    example.goOn();
    exit = await example.closed;
  });

  afterAll(() => {
    example.kill('SIGKILL');
  });

  it('answers an order while its receipt is being sent', () => {
    expect(answers['order']?.[0]).toBe(202);
    expect(linesBeforeWorkWentOn).toContain('sending the receipt for order 7');
    expect(linesBeforeWorkWentOn).not.toContain('receipt sent for order 7');
    expect(example.lines).toContain('receipt sent for order 7');
  });

  it('books a payment whose client has hung up', () => {
    expect(example.lines).toContain('payment booked for order 7, its client had left');
  });

  it('cancels the report of a client that has left', () => {
    expect(linesBeforeWorkWentOn).toContain('report cancelled');
  });

  it('answers with a product, and warms the cache afterwards', () => {
    expect(answers['product']).toEqual([200, '{"id":"3","name":"Teapot"}']);
    expect(linesBeforeWorkWentOn).not.toContain('cache warmed for product 3');
    expect(example.lines).toContain('cache warmed for product 3');
  });

  it('is ready', () => {
    expect(answers['ready']).toEqual([200, 'ready']);
  });

  it('sends the receipt that is under way on SIGTERM, then closes the database and ends with 0', () => {
    expect(example.lines.slice(example.lines.indexOf('SIGTERM: shutting down'))).toEqual([
      'SIGTERM: shutting down',
      'receipt sent for order 8',
      'database closed',
      'shut down: 1 completed, 0 failed',
    ]);
    expect(exit).toEqual([0, null]);
  });

  it('does each step once, and without an error', () => {
    const steps = example.lines.filter((line) => !line.startsWith('listening'));
    expect(steps.toSorted()).toEqual([
      'SIGTERM: shutting down',
      'cache warmed for product 3',
      'charging order 7',
      'database closed',
      'drawing up the report',
      'payment booked for order 7, its client had left',
      'receipt sent for order 7',
      'receipt sent for order 8',
      'report cancelled',
      'sending the receipt for order 7',
      'sending the receipt for order 8',
      'shut down: 1 completed, 0 failed',
      'warming the cache for product 3',
    ]);
  });
});
