import { createServer } from 'node:http';
import { gracefulShutdown, type ShutdownLogger } from '@outlive/http';
import { settled } from '@outlive/test-support/conditions';
import { keepExitCode } from '@outlive/test-support/exit-code';

keepExitCode();

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  printed.mockRestore();
});

const failure = new Error('the disk is full');

/** Everything that it is told fails. */
const failing: [how: string, method: () => void][] = [
  [
    'throws',
    () => {
      throw failure;
    },
  ],
  ['rejects', () => Promise.reject(failure)],
  [
    'returns something that cannot even be awaited',
    () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- it is one that fails
      get then() {
        throw failure;
      },
    }),
  ],
];

describe('a logger that fails', () => {
  it.each(failing)('does not keep a shutdown from its end if it %s', async (_how, method) => {
    const onShutdown = jest.fn(() => {
      throw new Error('no');
    });
    const shutdown = gracefulShutdown(createServer(), {
      signals: [],
      logger: { info: method, warn: method, error: method },
      onShutdown,
    });
    await shutdown.shutdown();
    await settled();
    expect(onShutdown).toHaveBeenCalledTimes(1);
    expect(process.exitCode).toBe(1);
  });

  it.each(failing)('is printed, with what was not told, if it %s', async (_how, method) => {
    const shutdown = gracefulShutdown(createServer(), {
      signals: [],
      logger: { info: method, warn: method, error: method },
    });
    await shutdown.shutdown();
    await settled();
    expect(printed.mock.calls).toEqual([
      ["[outlive] The logger failed to tell 'shut down: 0 completed, 0 failed':", failure],
    ]);
    expect(process.exitCode).toBe(0);
  });

  it('does not matter if it has lost a method since', async () => {
    const logger: Partial<ShutdownLogger> = {
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    };
    const shutdown = gracefulShutdown(createServer(), {
      signals: [],
      logger: logger as ShutdownLogger,
    });
    delete logger.info;
    await shutdown.shutdown();
    expect(process.exitCode).toBe(0);
    expect(printed).toHaveBeenCalledTimes(1);
  });

  it('does not keep a signal from beginning a shutdown', async () => {
    const shutdown = gracefulShutdown(createServer(), {
      signals: ['SIGUSR2'],
      logger: {
        info: () => {
          throw failure;
        },
        warn: () => undefined,
        error: () => undefined,
      },
    });
    process.emit('SIGUSR2');
    expect(shutdown.ready).toBe(false);
    await shutdown.shutdown();
  });
});

describe('a logger', () => {
  it('is called as a method of its own', async () => {
    const logger = {
      told: [] as string[],
      info(message: string) {
        this.told.push(message);
      },
      warn: () => undefined,
      error: () => undefined,
    };
    await gracefulShutdown(createServer(), { signals: [], logger }).shutdown();
    expect(logger.told).toEqual(['shut down: 0 completed, 0 failed']);
  });
});
