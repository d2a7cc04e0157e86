import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  connect,
  createServer as createHttp2Server,
  constants,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import {
  disconnectSignal,
  type ExceptionContext,
  getScheduler,
  jobsListener,
  Scheduler,
  spawn,
} from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { printed } from '@outlive/test-support/printed';
import { closeServer, listening, portOf } from '@outlive/test-support/server';

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Calls a listener once, over a real server; gives the answer and what the exception handler was told. */
async function call(
  listener: Listener,
): Promise<{ status: number | undefined; told: ExceptionContext[] }> {
  const told: ExceptionContext[] = [];
  const exceptionHandler = (context: ExceptionContext): void => {
    told.push(context);
  };
  const server = await listening(createServer(jobsListener(listener, { exceptionHandler })));
  try {
    const answer = await fetchFrom({ port: portOf(server) }, '/').catch(() => undefined);
    await settled();
    return { status: answer?.status, told };
  } finally {
    await closeServer(server);
  }
}

/** What stands in for a framework where there is none. */
describe('node:http', () => {
  describe('jobsListener(listener)', () => {
    it.each<[string, Listener]>([
      [
        'throws',
        () => {
          throw new Error('boom');
        },
      ],
      [
        'rejects',
        async () => {
          throw new Error('boom');
        },
      ],
    ])(
      'answers 500 where the listener %s, and tells the exception handler once',
      async (_, fails) => {
        const { status, told } = await call(fails);
        expect(status).toBe(500);
        expect(told).toMatchObject([{ message: 'Request failed', exception: { message: 'boom' } }]);
      },
    );

    it('cuts a response that had begun', async () => {
      const { status, told } = await call(async (_request, response) => {
        response.write('begun');
        await settled();
        throw new Error('boom');
      });
      expect(status).toBeUndefined();
      expect(told).toHaveLength(1);
    });

    it('tells nobody of an error that the client is meant to see', async () => {
      const { status, told } = await call(() => {
        throw Object.assign(new Error('no tea'), { status: 418, expose: true });
      });
      expect(status).toBe(418);
      expect(told).toEqual([]);
    });

    it('uses the scheduler that it is given', () => {
      const scheduler = new Scheduler();
      expect(jobsListener(() => {}, scheduler).scheduler).toBe(scheduler);
      expect(jobsListener(() => {}, { scheduler }).scheduler).toBe(scheduler);
    });

    it('has a scheduler that is usable with no request', async () => {
      const { scheduler } = jobsListener(() => {}, { limit: 3 });
      expect(scheduler.limit).toBe(3);
      expect(await (await scheduler.spawn(() => 'done')).wait()).toBe('done');
    });

    it('keeps the receiver, which is the server', async () => {
      const receivers: unknown[] = [];
      const server = createServer(
        jobsListener(function (this: unknown, _request, response) {
          receivers.push(this);
          response.end();
        }),
      );
      await fetchFrom({ port: portOf(await listening(server)) }, '/');
      await closeServer(server);
      expect(receivers[0]).toBe(server);
    });

    it('throws at set-up for a bad listener or bad options', () => {
      expect(() => jobsListener('listener' as never)).toThrow(TypeError);
      expect(() => jobsListener(() => {}, { limit: 0 })).toThrow(RangeError);
      expect(() => jobsListener(() => {}, 'fast' as never)).toThrow(TypeError);
      expect(() => jobsListener(() => {}, { scheduler: {} as Scheduler })).toThrow(TypeError);
      expect(() => jobsListener(() => {}, { scheduler: new Scheduler(), limit: 1 })).toThrow(
        TypeError,
      );
    });
  });

  describe('a background job that fails', () => {
    it('is printed to stderr, once', async () => {
      using errors = printed();
      const error = new Error('no mail');
      const listener = jobsListener(async (request, response) => {
        await spawn(request, () => Promise.reject(error), { name: 'mail' });
        response.end('ok');
      });
      const server = await listening(createServer(listener));
      expect((await fetchFrom({ port: portOf(server) }, '/')).status).toBe(200);
      await settled();
      await closeServer(server);
      expect(errors.calls).toHaveLength(1);
      expect(errors.calls[0]).toContain(error);
      expect(errors.calls[0]?.join(' ')).toContain('"mail"');
    });
  });

  describe('over HTTP/2', () => {
    it.each([
      ['a client that stayed', false],
      ['a client that had reset its stream before it was answered', true],
    ])('a signal first read late tells of %s', async (_, resets) => {
      const arrived = deferred<Http2ServerRequest>();
      const release = deferred();
      const listener = jobsListener(async (request, response) => {
        arrived.resolve(request as unknown as Http2ServerRequest);
        await release.promise;
        response.end('ok');
      });
      const server = createHttp2Server(
        listener as unknown as (req: Http2ServerRequest, res: Http2ServerResponse) => void,
      );
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const client = connect(`http://127.0.0.1:${portOf(server)}`);
      const stream = client.request({ ':path': '/' });
      stream.on('error', () => {}).resume();
      const request = await arrived.promise;
      const isClosed = once(request.stream, 'close').catch(() => {});
      if (resets) {
        stream.close(constants.NGHTTP2_CANCEL);
        await isClosed;
      }
      release.resolve();
      await isClosed;
      await settled();
      expect(disconnectSignal(request).aborted).toBe(resets);
      expect(getScheduler(request)).toBe(listener.scheduler);
      client.close();
      const serverClosed = once(server, 'close');
      server.close();
      await serverClosed;
    });
  });
});
