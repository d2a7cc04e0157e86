import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { atomic, gracefulShutdown } from '@outlive/http';
import { Client } from '@outlive/test-support/client';
import { settled } from '@outlive/test-support/conditions';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { promptly } from '@outlive/test-support/watched';
import { heads, sayClose } from '../support/answers.ts';
import { HeldWork } from '../support/held-work.ts';
import { serve } from '../support/shutdown.ts';
import { type Listener, serveJobs } from '../support/serve-jobs.ts';

keepExitCode();

interface Way {
  /** Before the close. */
  readonly before?: (response: ServerResponse) => void;
  /** During it. */
  readonly answer: (response: ServerResponse) => void;
}

const end = (response: ServerResponse): void => void response.end('late');

const ways: readonly [string, Way][] = [
  [
    'setHeader() before the close',
    { before: (response) => response.setHeader('Connection', 'keep-alive'), answer: end },
  ],
  [
    'setHeader() during the close',
    {
      answer: (response) => {
        response.setHeader('connection', 'Keep-Alive');
        end(response);
      },
    },
  ],
  [
    'setHeader() with a list',
    {
      answer: (response) => {
        response.setHeader('Connection', ['keep-alive', 'x-own']);
        end(response);
      },
    },
  ],
  [
    'appendHeader()',
    {
      answer: (response) => {
        response.appendHeader('Connection', 'keep-alive');
        end(response);
      },
    },
  ],
  [
    'flushHeaders()',
    {
      answer: (response) => {
        response.setHeader('Connection', 'keep-alive');
        response.flushHeaders();
        end(response);
      },
    },
  ],
  [
    'writeHead() with an object',
    {
      answer: (response) => void response.writeHead(200, { Connection: 'keep-alive' }).end('late'),
    },
  ],
  [
    'writeHead() with a message and an object',
    {
      answer: (response) =>
        void response.writeHead(200, 'Fine', { CONNECTION: 'keep-alive' }).end('late'),
    },
  ],
  [
    'writeHead() with a list',
    {
      answer: (response) => void response.writeHead(200, ['Connection', 'keep-alive']).end('late'),
    },
  ],
  [
    'writeHead() with pairs',
    {
      answer: (response) =>
        void response.writeHead(200, [['Connection', 'keep-alive']] as never).end('late'),
    },
  ],
  [
    'writeHead() over setHeader()',
    {
      answer: (response) => {
        response.setHeader('Connection', 'keep-alive');
        response.writeHead(200, { connection: 'keep-alive' }).end('late');
      },
    },
  ],
  [
    'removeHeader()',
    {
      before: (response) => response.setHeader('Connection', 'keep-alive'),
      answer: (response) => {
        response.removeHeader('Connection');
        end(response);
      },
    },
  ],
  [
    'shouldKeepAlive',
    {
      answer: (response) => {
        response.shouldKeepAlive = true;
        end(response);
      },
    },
  ],
];

const kinds: readonly [string, (listener: Listener) => Listener][] = [
  ['plain', (listener) => listener],
  ['atomic', (listener) => atomic(listener)],
];

const cases = ways.flatMap(([name, way]) =>
  kinds.map(([kind, wrap]) => [name, kind, way, wrap] as const),
);

afterEach(() => {
  jest.useRealTimers();
});

describe.each(cases)(
  'a handler that says `keep-alive` itself by %s (%s)',
  (_name, _kind, way, wrap) => {
    it('says `close` all the same while its server closes', async () => {
      const work = new HeldWork();
      const handler = wrap(async (_request, response) => {
        way.before?.(response);
        await work.run('answer')();
        way.answer(response);
      });
      await using serving = await serveJobs({ '/': handler });
      using client = new Client(serving);
      client.send('GET', '/');
      await work.entered.promise;
      const closing = once(serving.server.close(), 'close');
      work.release();
      await client.answers(1, 'late');
      expect(heads(client.received)[0]).toMatch(/^connection: (?:x-own, )?close$/im);
      expect(client.received).not.toMatch(/keep-alive/i);
      await promptly(closing);
    });

    it('says `close` in the delay of a shutdown', async () => {
      jest.useFakeTimers({
        doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'],
      });
      const handler = wrap((_request, response) => {
        way.before?.(response);
        way.answer(response);
      });
      await using served = await serve((request, response) => handler(request, response), {
        delay: 60_000,
      });
      const ending = served.shutdown.shutdown();
      await settled();
      using client = new Client(served);
      client.send('GET', '/');
      await client.answers(1, 'late');
      expect(client.received).not.toMatch(/keep-alive/i);
      expect(heads(client.received)[0]).toMatch(/^connection: (?:x-own, )?close$/im);
      await promptly(once(client.socket, 'close'));
      await jest.advanceTimersByTimeAsync(60_000);
      await ending;
    });
  },
);

/** What a client receives while the server closes. */
async function answered(value: string, status = 200): Promise<string> {
  const work = new HeldWork();
  await using serving = await serveJobs({
    '/': async (_request, response) => {
      await work.run('answer')();
      response.writeHead(status, { Connection: value, 'X-Own': 'kept' }).end('late');
    },
  });
  using client = new Client(serving);
  client.send('GET', '/');
  await work.entered.promise;
  const closing = once(serving.server.close(), 'close');
  work.release();
  await client.answers(1, 'late');
  await promptly(closing);
  return client.received;
}

describe('a `Connection` header of a handler', () => {
  it('keeps what else it says', async () => {
    const received = await answered('Upgrade, Keep-Alive', 426);
    expect(received).toMatch(/^connection: Upgrade, close$/im);
    expect(received).toMatch(/^x-own: kept$/im);
  });

  it('that says `close` is left as it is', async () => {
    expect(sayClose(await answered('close'))).toEqual([true]);
  });

  it('says `keep-alive` still on the first of two pipelined requests', async () => {
    const work = new HeldWork();
    await using serving = await serveJobs({
      '/': async (_request, response) => {
        await work.run('answer')();
        response.writeHead(200, { Connection: 'keep-alive' }).end('late');
      },
    });
    using client = new Client(serving);
    client.send('GET', '/');
    client.send('GET', '/');
    await work.entered.promise;
    await settled();
    const closing = once(serving.server.close(), 'close');
    work.release();
    await client.answers(2, 'late');
    expect(sayClose(client.received)).toEqual([false, true]);
    await promptly(closing);
  });

  it('is left alone before any close', async () => {
    await using serving = await serveJobs({
      '/': (_request, response) => response.writeHead(200, { Connection: 'keep-alive' }).end('now'),
    });
    gracefulShutdown(serving.server, { signals: [] }).dispose();
    using client = new Client(serving);
    client.send('GET', '/');
    await client.answers(1, 'now');
    expect(client.received).toMatch(/^connection: keep-alive$/im);
  });
});
