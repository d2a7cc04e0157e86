import { settled } from '@outlive/test-support/conditions';

/** Has timers run by {@link after} alone in each test of the file; sockets, and what takes a turn, go on. */
export function fakeTimers(): void {
  beforeEach(() => {
    jest.useFakeTimers({
      doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'],
    });
  });

  afterEach(() => {
    jest.useRealTimers();
  });
}

export async function after(ms: number): Promise<void> {
  jest.advanceTimersByTime(ms);
  await settled();
}
