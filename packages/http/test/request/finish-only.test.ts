import { EventEmitter } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { after, atomic, disconnectSignal, getScheduler, jobsListener } from '@outlive/http';
import { settled } from '@outlive/test-support/conditions';

/** A request and its response, as something else than a server of Node's makes them. */
interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Ends the response, as the handler's `res.end()` would. */
  readonly finish: () => void;
}

function mock(fields: Record<string, unknown>, onFinish: Record<string, unknown> = {}): Exchange {
  const req = { method: 'GET', url: '/', headers: {} } as IncomingMessage;
  const res = Object.assign(new EventEmitter(), fields) as unknown as ServerResponse;
  const finish = (): void => {
    Object.assign(res, onFinish);
    res.emit('finish');
  };
  return { req, res, finish };
}

/** Of a stand-in for a socket. */
function write(...args: unknown[]): boolean {
  const written = args.at(-1);
  if (typeof written === 'function') written();
  return true;
}

/** As `serverless-http` makes them: Node's own classes, with a stand-in for the socket. */
function ofLambdaAdapter(): Exchange {
  const standIn = { readable: false, on() {}, removeListener() {}, destroy() {}, end() {} };
  const req = new IncomingMessage(standIn as unknown as Socket);
  const res = new ServerResponse(req);
  const socket = { ...standIn, _writableState: {}, writable: true, cork() {}, uncork() {}, write };
  res.assignSocket(socket as unknown as Socket);
  return { req, res, finish: () => void res.end('ok') };
}

const exchanges: readonly [string, () => Exchange][] = [
  ['of an EventEmitter that says nothing of its state', () => mock({})],
  ['that does not count as ended when it says so', () => mock({ writableEnded: false })],
  ['that has ended by then', () => mock({ writableEnded: false }, { writableEnded: true })],
  [
    'that emits it twice',
    () => {
      const exchange = mock({});
      return { ...exchange, finish: () => [exchange.finish(), exchange.finish()] };
    },
  ],
  [
    'that emits ‘close’ later, and has never ended',
    () => {
      const exchange = mock({ writableEnded: false });
      const { res, finish } = exchange;
      return { ...exchange, finish: () => [finish(), res.emit('close')] };
    },
  ],
  ['of an adapter for AWS Lambda', ofLambdaAdapter],
];

describe.each(exchanges)('a response %s', (_, make) => {
  it('that emits ‘finish’ alone is over by that, and its client has not left', async () => {
    const { req, res, finish } = make();
    const events: string[] = [];
    let signal: AbortSignal | undefined;
    const listener = jobsListener(
      atomic(async (request) => {
        signal = disconnectSignal(request);
        after(request, () => events.push('after'));
        await settled();
        events.push('answered');
        finish();
      }),
    );
    listener(req, res);
    await getScheduler(req).idle();
    expect(events).toEqual(['answered', 'after']);
    expect(signal?.aborted).toBe(false);
    await settled();
    expect(signal?.aborted).toBe(false);
    expect(listener.scheduler.size).toBe(0);
    expect(res.listenerCount('finish') + res.listenerCount('close')).toBeLessThan(3);
  });

  it('is waited for under fake timers too', async () => {
    jest.useFakeTimers();
    try {
      const { req, res, finish } = make();
      const ran: string[] = [];
      const listener = jobsListener((request) => {
        after(request, () => ran.push('after'));
      });
      listener(req, res);
      finish();
      await listener.scheduler.idle();
      expect(ran).toEqual(['after']);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a response that has finished before anybody asks', () => {
  it.each([
    ['by a mock that says so', { writableEnded: true, writableFinished: true }],
    ['by a mock that says that it has ended', { writableEnded: true }],
  ])('%s is over', async (_, fields) => {
    const { req, res } = mock(fields);
    const listener = jobsListener(() => {});
    listener(req, res);
    expect(disconnectSignal(req).aborted).toBe(false);
    const job = after(req, () => 'ran');
    expect(await job.wait()).toBe('ran');
    expect(disconnectSignal(req).aborted).toBe(false);
  });

  it('in its ‘finish’ event is over', async () => {
    const { req, res, finish } = ofLambdaAdapter();
    const listener = jobsListener((request, response) => {
      response.once('finish', () => {
        after(request, () => 'ran');
      });
    });
    listener(req, res);
    finish();
    await listener.scheduler.idle();
    expect(listener.scheduler.size).toBe(0);
  });
});

it('a server of Node’s own has such responses too, by an event of somebody else', async () => {
  const ran: string[] = [];
  const server = createServer(
    jobsListener((request) => {
      after(request, () => ran.push('after'));
    }),
  );
  const { req, res, finish } = mock({ writableEnded: false });
  server.emit('request', req, res);
  finish();
  await getScheduler(req).idle();
  expect(ran).toEqual(['after']);
});
