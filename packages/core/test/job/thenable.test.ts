import { Scheduler } from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import { stubborn } from '../support/functions.ts';
import { settled } from '../support/settled.ts';
import { listeningScheduler } from '../support/told.ts';

/* oxlint-disable unicorn/no-thenable -- thenables are what is tested */
describe('a thenable that a function returns', () => {
  const error = new Error('thrown');
  const settling = {
    'resolves, rejects and throws': {
      then(resolve: (value: string) => void, reject: (error: unknown) => void) {
        resolve('first');
        resolve('second');
        reject(error);
        throw error;
      },
    },
    'resolves, and again in later turns': {
      then(resolve: (value: string) => void, reject: (error: unknown) => void) {
        resolve('first');
        setImmediate(() => {
          resolve('second');
          reject(error);
        });
      },
    },
    'resolves with another thenable': {
      then(resolve: (value: unknown) => void) {
        resolve({ then: (again: (value: string) => void) => again('first') });
      },
    },
    'is a function': Object.assign(() => {}, {
      then(resolve: (value: string) => void) {
        resolve('first');
      },
    }),
    'is of a subclass of Promise': new (class Custom<T> extends Promise<T> {
      override then<A, B>(
        onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
        onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
      ): Promise<A | B> {
        return super.then((value) => onFulfilled?.(value) as A, onRejected);
      }
    })<string>((resolve) => resolve('first')),
    'is a promise with a `then` of its own': Object.assign(Promise.resolve('second'), {
      then(resolve: (value: string) => void) {
        resolve('first');
        resolve('second');
      },
    }),
  };

  it.each(Object.entries(settling))(
    'settles its job once, with its first word, if it %s',
    async (_, work) => {
      const { scheduler, told } = listeningScheduler({ limit: 1 });
      const job = scheduler.spawnNow(() => work as PromiseLike<unknown>);
      const next = scheduler.spawnNow(stubborn);
      expect(await job.wait()).toBe('first');
      await settled();
      expect(job.outcome).toBe('completed');
      expect(scheduler.activeCount).toBe(1);
      expect(next.state).toBe('active');
      expect(told).toEqual([]);
    },
  );

  it.each([
    [
      'one with a `then` getter that throws',
      {
        get then() {
          throw error;
        },
      },
    ],
    [
      'one with a `then` that throws',
      {
        then() {
          throw error;
        },
      },
    ],
    [
      'one with a `then` that rejects and then throws something else',
      {
        then(_: unknown, reject: (error: unknown) => void) {
          reject(error);
          throw new Error('second');
        },
      },
    ],
    [
      'a promise with a `then` of its own that throws',
      Object.assign(Promise.resolve(), {
        then() {
          throw error;
        },
      }),
    ],
    [
      'a promise whose `constructor` throws',
      Object.defineProperty(Promise.resolve(), 'constructor', {
        get() {
          throw error;
        },
      }),
    ],
  ])('fails its job, and only that, if it is %s', async (_, work) => {
    const { scheduler, told } = listeningScheduler({ limit: 1 });
    const job = scheduler.spawnNow(() => work as PromiseLike<unknown>);
    const next = scheduler.spawnNow(() => 'next');
    await expect(job.wait()).rejects.toBe(error);
    expect(await next.wait()).toBe('next');
    await settled();
    expect(scheduler.size).toBe(0);
    expect(told).toEqual([]);
  });

  it('is shielded until it settles, if it throws in a `then` of its own', async () => {
    const scheduler = new Scheduler();
    const { promise, resolve } = deferred<number>();
    const evil = Object.assign(promise, {
      then() {
        throw error;
      },
    });
    const shielded = scheduler.shield(evil);
    resolve(7);
    expect(await shielded).toBe(7);
    await scheduler.idle();
  });

  it('keeps its slot until it settles', async () => {
    const scheduler = new Scheduler({ limit: 1 });
    const { promise, resolve } = deferred<number>();
    const job = scheduler.spawnNow(() => ({ then: promise.then.bind(promise) }));
    const next = scheduler.spawnNow(() => {});
    await settled();
    expect(next.state).toBe('pending');
    resolve(7);
    await next.wait();
    expect(await job.wait()).toBe(7);
  });

  it('is a value if its `then` is no function', async () => {
    const value = { then: 7 };
    expect(await new Scheduler().spawnNow(() => [value]).wait()).toEqual([value]);
    expect(new Scheduler().spawnNow(() => value).outcome).toBe('completed');
  });
});
/* oxlint-enable unicorn/no-thenable */
