import { getEventListeners } from 'node:events';
import { Waiters } from '../../src/util/waiters.ts';

describe('a wait', () => {
  it.each(['wake()', 'its limit', 'the abort'])(
    'ends at %s, and leaves no listener',
    async (end) => {
      const waiters = new Waiters();
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = waiters.wait(end === 'its limit' ? 5 : 60_000, signal);
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      if (end === 'wake()') waiters.wake();
      if (end === 'the abort') controller.abort();
      await waiting;
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    },
  );

  it('ends with all others at one wake()', async () => {
    const waiters = new Waiters();
    const { signal } = new AbortController();
    const waits = [waiters.wait(60_000, signal), waiters.wait(60_000, signal)];
    waiters.wake();
    await Promise.all(waits);
  });

  it('does not begin after the abort', async () => {
    await new Waiters().wait(60_000, AbortSignal.abort());
  });
});
