import { createServer } from 'node:http';
import { gracefulShutdown, type ShutdownHandle, type ShutdownOptions } from '@outlive/http';
import { settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { keepExitCode } from '@outlive/test-support/exit-code';
import { type Watched, watched } from '@outlive/test-support/watched';
import { after, fakeTimers } from '../support/fake-timers.ts';

keepExitCode();

fakeTimers();

interface Hanging {
  readonly shutdown: ShutdownHandle;
  readonly ended: Watched<unknown>;
  readonly error: jest.Mock;
  /** With a promise that rejects, it fails. */
  readonly end: (how?: Promise<never>) => void;
}

// All that listen for a signal share one listener of the process: none may be left over.
const made: ShutdownHandle[] = [];
afterEach(() => {
  for (const shutdown of made.splice(0)) shutdown.dispose();
});

/** A shutdown that has come to its last step. */
async function hanging(options: ShutdownOptions = {}): Promise<Hanging> {
  const { promise, resolve } = deferred<unknown>();
  const onShutdown = jest.fn(async () => void (await promise));
  const error = jest.fn();
  const shutdown = gracefulShutdown(createServer(), {
    signals: ['SIGUSR2'],
    onShutdown,
    logger: { info: () => undefined, warn: () => undefined, error },
    ...options,
  });
  made.push(shutdown);
  const ended = watched(shutdown.shutdown());
  await until(() => onShutdown.mock.calls.length > 0);
  return { shutdown, ended, error, end: resolve };
}

describe('an onShutdown that does not end', () => {
  it.each([
    ['25 s', {}, 25_000],
    ['as long as `timeout` says', { timeout: 60_000 }, 60_000],
    ['5 s where `timeout` is less', { timeout: 0 }, 5_000],
  ])('is waited for: %s', async (_name, options, limit) => {
    const { ended, error } = await hanging(options);
    await after(limit - 1);
    expect([ended.over, process.exitCode]).toEqual([false, undefined]);
    await after(1);
    expect([ended.over, process.exitCode]).toEqual([true, 1]);
    expect(error.mock.calls).toEqual([[expect.stringMatching(/^onShutdown had not finished/)]]);
  });

  it('has its failure told when that comes, and nothing is unhandled', async () => {
    const { ended, error, end } = await hanging();
    await after(25_000);
    await ended.promise;
    const failure = new Error('the database is gone');
    end(Promise.reject(failure));
    await settled();
    expect(error).toHaveBeenLastCalledWith('onShutdown failed', failure);
  });

  it('keeps the handlers of signals, so that a third still exits, until it ends after all', async () => {
    const before = process.listenerCount('SIGUSR2');
    const { ended, end } = await hanging();
    await after(25_000);
    await ended.promise;
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1);
    end();
    await settled();
    expect(process.listenerCount('SIGUSR2')).toBe(before);
  });

  it('leaves the handlers of signals to dispose()', async () => {
    const before = process.listenerCount('SIGUSR2');
    const { shutdown, ended } = await hanging();
    await after(25_000);
    await ended.promise;
    shutdown.dispose();
    expect(process.listenerCount('SIGUSR2')).toBe(before);
  });
});

describe('an onShutdown that ends in time', () => {
  it('leaves no timer', async () => {
    const { ended, end } = await hanging();
    end();
    await ended.promise;
    expect(jest.getTimerCount()).toBe(0);
    expect(process.exitCode).toBe(0);
  });
});
