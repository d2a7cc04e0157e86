import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { atomic, type ExceptionContext, jobsListener, type JobsOptions } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { closeServer, listening, portOf } from '@outlive/test-support/server';

type Listener = Parameters<typeof jobsListener>[0];

interface Called {
  readonly status: number | undefined;
  readonly body: string | undefined;
  /** What the exception handler got. */
  readonly told: readonly unknown[];
  readonly unhandled: readonly unknown[];
}

/** One request to a listener; where `busy`, while the only slot is taken. */
async function call(
  listener: Listener,
  { busy = false, ...options }: JobsOptions & { busy?: boolean } = {},
): Promise<Called> {
  const told: ExceptionContext[] = [];
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  const exceptionHandler = (context: ExceptionContext): void => void told.push(context);
  const limits = busy ? { limit: 1, pendingLimit: 0 } : {};
  const jobs = jobsListener(listener, { ...limits, ...options, exceptionHandler });
  const slot = deferred();
  if (busy) jobs.scheduler.spawnNow(() => slot.promise);
  const server = await listening(createServer(jobs));
  const answer = await fetchFrom({ port: portOf(server) }, '/').catch(() => undefined);
  await settled();
  slot.resolve();
  await closeServer(server);
  process.off('unhandledRejection', onUnhandled);
  return {
    status: answer?.status,
    body: answer?.body,
    told: told.map(({ exception }) => exception),
    unhandled,
  };
}

const boom = new Error('boom');
const failing: Listener = atomic(async () => {
  await settled();
  throw boom;
});
const failingAtOnce: Listener = atomic(async () => {
  throw boom;
});
const answers: Listener = atomic(async (_req, res) => {
  res.end('answered');
});

/** Ways to call a handler without returning its promise. */
const ways: readonly [string, (handler: Listener) => Listener][] = [
  [
    'drops its promise',
    (handler) => (req, res) => {
      void handler(req, res);
    },
  ],
  [
    'is async and does not await it',
    (handler) => async (req, res) => {
      void handler(req, res);
    },
  ],
  [
    'calls it in a later turn',
    (handler) => (req, res) => {
      void setImmediate().then(() => {
        void handler(req, res);
      });
    },
  ],
  [
    'calls it when the body has been read',
    (handler) => (req, res) => {
      req.resume().on('end', () => {
        void handler(req, res);
      });
    },
  ],
  [
    'awaits it too late',
    (handler) => async (req, res) => {
      const promise = handler(req, res);
      await settled();
      await settled();
      await promise;
    },
  ],
];

describe.each(ways)('a listener around an atomic handler that %s', (_, around) => {
  it.each([
    ['fails', failing],
    ['fails at once', failingAtOnce],
  ])(
    'has it answered 500 where it %s, and the exception handler told once',
    async (__, handler) => {
      const { status, told, unhandled } = await call(around(handler));
      expect([status, told, unhandled]).toEqual([500, [boom], []]);
    },
  );

  it('has it answered 503 where there is no room, and nobody told', async () => {
    const { status, told, unhandled } = await call(around(answers), { busy: true });
    expect([status, told, unhandled]).toEqual([503, [], []]);
  });

  it('has it answered by the handler itself where that is done', async () => {
    expect(await call(around(answers))).toMatchObject({
      body: 'answered',
      told: [],
      unhandled: [],
    });
  });
});

describe('the promise of an atomic handler', () => {
  it.each([
    ['rejects with what the handler has thrown', failing, false, 'boom'],
    ['rejects with what the handler throws at once', failingAtOnce, false, 'boom'],
    ['rejects with the refusal of a call for which there is no room', answers, true, 'No room'],
  ])('%s, for whoever awaits it by the end of the turn', async (_, handler, busy, message) => {
    for (const listener of [
      async (req, res) => {
        try {
          await handler(req, res);
        } catch (error) {
          res.end(`caught ${String(error)}`);
        }
      },
      (req, res) => {
        void (handler(req, res) as Promise<unknown>).then(undefined, (error: unknown) => {
          res.end(`caught ${String(error)}`);
        });
      },
    ] satisfies Listener[]) {
      const { body, told, unhandled } = await call(listener, { busy });
      expect(body).toContain('caught');
      expect(body).toContain(message);
      expect([told, unhandled]).toEqual([[], []]);
    }
  });

  it('rejects in a queued call too', async () => {
    const slot = deferred();
    const listener = jobsListener(
      async (req, res) => {
        await Promise.resolve(failing(req, res)).catch(() => res.end('caught'));
      },
      { limit: 1 },
    );
    listener.scheduler.spawnNow(() => slot.promise);
    const server = await listening(createServer(listener));
    const answer = fetchFrom({ port: portOf(server) }, '/');
    await settled();
    slot.resolve();
    expect((await answer).body).toBe('caught');
    await closeServer(server);
  });

  it('gives the value of the handler', async () => {
    const seven: Listener = atomic(async () => 7);
    const { body } = await call(async (req, res) => {
      res.end(String(await seven(req, res)));
    });
    expect(body).toBe('7');
  });
});

describe('jobsListener(atomic(…))', () => {
  it('answers failures and refusals as well', async () => {
    expect(await call(failing)).toMatchObject({ status: 500, told: [boom], unhandled: [] });
    expect(await call(answers, { busy: true })).toMatchObject({ status: 503, told: [] });
  });
});
