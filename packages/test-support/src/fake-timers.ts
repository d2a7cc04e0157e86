import { settled } from './conditions.ts';

interface FakeTimers extends Disposable {
  /** So many ms pass, also on the clock of `performance`, and whatever follows from that at once. */
  after(ms: number): Promise<void>;
}

/** Until the end of the block timers run by `after()` alone; sockets, and what takes a turn, go on. */
export function fakeTimers(): FakeTimers {
  jest.useFakeTimers({
    doNotFake: ['Date', 'nextTick', 'queueMicrotask', 'setImmediate'],
  });
  return {
    after: async (ms) => {
      await jest.advanceTimersByTimeAsync(ms);
      await settled();
    },
    [Symbol.dispose]: () => {
      jest.useRealTimers();
    },
  };
}
