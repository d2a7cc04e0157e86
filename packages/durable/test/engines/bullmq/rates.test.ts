import { Rates } from '../../../src/engines/bullmq/rates.ts';
import type { Redis } from '../../../src/engines/bullmq/redis.ts';
import { ReadyQueues } from '../../../src/engines/ready-queues.ts';
import { keepAll } from '../../support/keep-all.ts';

const take = async (): Promise<never[]> => [];

describe('a rate whose starts are used up', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it.each([
    ['until the next one', 300, 300],
    [
      'for five seconds, since other processes may give back what they have not used',
      3_600_000,
      5_000,
    ],
  ])('is not asked for %s', async (_, wait, hold) => {
    let asked = 0;
    const redis = { eval: async () => ((asked += 1), [0, wait]) } as unknown as Redis;
    const ready = new ReadyQueues(['mail'], { interval: 60_000, look: take });
    await ready.claim(['mail'], 1, new AbortController().signal, take);
    const rate = { starts: 1, per: 3_600_000 };
    const spec = { name: 'mail', retries: 0, backoff: 0, leaseTime: 10_000, keep: keepAll, rate };
    const rates = new Rates(redis, 'test', [spec], ready);
    expect(await rates.take('mail', 1, take)).toEqual([]);
    expect(ready.untilDue).toBe(hold);
    jest.advanceTimersByTime(hold - 1);
    await rates.take('mail', 1, take);
    expect(asked).toBe(1);
    jest.advanceTimersByTime(1);
    await rates.take('mail', 1, take);
    expect(asked).toBe(2);
  });
});
