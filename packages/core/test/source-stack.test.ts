import { type ExceptionContext, Scheduler, type SchedulerOptions } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { failWith, stubborn } from './support/functions.ts';
import { settled } from './support/settled.ts';

beforeAll(() => {
  process.env['OUTLIVE_DEBUG'] = '1';
});

afterAll(() => {
  delete process.env['OUTLIVE_DEBUG'];
});

/** What the exception handler has got by the end. */
async function told(
  use: (scheduler: Scheduler) => unknown,
  options?: SchedulerOptions,
): Promise<ExceptionContext[]> {
  const contexts: ExceptionContext[] = [];
  const scheduler = new Scheduler({
    closeTimeout: 0,
    ...options,
    exceptionHandler: (context) => void contexts.push(context),
  });
  await use(scheduler);
  await settled();
  return contexts;
}

function firstFrame({ sourceStack = '' }: ExceptionContext): string {
  return sourceStack.split('\n')[0] ?? '';
}

const uses: [string, string, (scheduler: Scheduler) => unknown][] = [
  [
    'spawn() that fails',
    'Job processing failed',
    async function spawner(scheduler): Promise<void> {
      await scheduler.spawn(failWith(1));
    },
  ],
  [
    'spawnNow() that throws',
    'Job processing failed',
    function spawner(scheduler): void {
      scheduler.spawnNow(() => {
        throw new Error('boom');
      });
    },
  ],
  [
    'a job that started later',
    'Job processing failed',
    async function spawner(scheduler): Promise<void> {
      scheduler.pause();
      scheduler.spawnNow(failWith(1));
      await settled();
      scheduler.resume();
    },
  ],
  [
    'a job that waited for room',
    'Job processing failed',
    async function spawner(scheduler): Promise<void> {
      const work = deferred();
      scheduler.limit = 1;
      scheduler.spawnNow(() => work.promise);
      const waiting = scheduler.spawn(failWith(1));
      work.resolve();
      await waiting;
    },
  ],
  [
    'a job with an after',
    'Job processing failed',
    function spawner(scheduler): void {
      scheduler.spawnNow(failWith(1), { after: Promise.resolve() });
    },
  ],
  ...(['drain', 'waitAndClose', 'close'] as const).map(
    (end): [string, string, (scheduler: Scheduler) => unknown] => [
      `a job that ${end}() abandons`,
      'Job closing timed out',
      async function spawner(scheduler): Promise<void> {
        scheduler.spawnNow(stubborn);
        await (end === 'close' ? scheduler.close() : scheduler[end]({ timeout: 0 }));
      },
    ],
  ),
  [
    'a context of the caller that names a job',
    'mine',
    function spawner(scheduler): void {
      const job = scheduler.spawnNow(() => {});
      scheduler.callExceptionHandler({ message: 'mine', exception: 1, job });
    },
  ],
  [
    'a job spawned by the language itself',
    'Job processing failed',
    function spawner(scheduler): void {
      Reflect.apply(scheduler.spawnNow, scheduler, [failWith(1)]);
    },
  ],
];

describe('sourceStack, under debug,', () => {
  it.each(uses)('begins with the frame of the user: %s', async (name, message, use) => {
    const contexts = await told(use, name.includes('room') ? { pendingLimit: 0 } : {});
    expect(contexts).toMatchObject([{ message }]);
    expect(firstFrame(contexts[0] as ExceptionContext)).toMatch(
      /^ {4}at .*source-stack\.test\.ts:\d+:\d+\)?$/,
    );
  });

  it('is what the caller of callExceptionHandler() gave, if that was given', async () => {
    const [context] = await told((scheduler) => {
      const job = scheduler.spawnNow(() => {});
      scheduler.callExceptionHandler({ message: 'm', exception: 1, job, sourceStack: 'here' });
    });
    expect(context?.sourceStack).toBe('here');
  });

  it('is found at the bottom of many frames of the library', async () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 2;
    const [context] = await told(function spawner(scheduler) {
      scheduler.spawnNow(failWith(1));
    });
    expect(Error.stackTraceLimit).toBe(2);
    Error.stackTraceLimit = stackTraceLimit;
    expect(firstFrame(context as ExceptionContext)).toMatch(/source-stack\.test\.ts/);
  });

  it.each<[string, () => () => void]>([
    [
      'a `prepareStackTrace` that gives the frames themselves',
      () => {
        const { prepareStackTrace } = Error;
        Error.prepareStackTrace = (_, frames) => frames;
        return () => {
          Object.assign(Error, { prepareStackTrace });
        };
      },
    ],
    [
      'a `stackTraceLimit` that cannot be set',
      () => {
        const { stackTraceLimit } = Error;
        Object.defineProperty(Error, 'stackTraceLimit', { writable: false, value: 0 });
        return () => {
          Object.defineProperty(Error, 'stackTraceLimit', {
            writable: true,
            value: stackTraceLimit,
          });
        };
      },
    ],
  ])('disturbs no spawn(): %s', async (_, change) => {
    const restore = change();
    try {
      const scheduler = new Scheduler();
      expect(await scheduler.spawnNow(() => 7).wait()).toBe(7);
    } finally {
      restore();
    }
  });
});
