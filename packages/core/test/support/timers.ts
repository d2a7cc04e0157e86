/** Until the end of the test, timers only fire by `jest.advanceTimersByTimeAsync()` and can be counted. */
export function fakeTimers(): void {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
}
