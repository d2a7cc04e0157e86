import { nextTurn } from '@outlive/test-support/turn';
import { Scheduler } from '../../src/index.ts';

const many = 1_000;

/** Blocks the event loop for more than a millisecond. */
function block(): void {
  const end = performance.now() + 3;
  while (performance.now() < end);
}

describe('the times of jobs that start in close succession', () => {
  let scheduler: Scheduler;

  beforeEach(() => {
    scheduler = new Scheduler({ limit: Infinity });
  });

  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  function spawnMany(): void {
    for (let index = 0; index < many; index += 1) scheduler.spawnNow(() => undefined);
  }

  it('never go back, and are never in the future', () => {
    const times = Array.from({ length: many }, () => scheduler.spawnNow(() => undefined).spawnedAt);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThanOrEqual(Date.now());
  });

  it('are exact again in the next turn of the event loop', async () => {
    spawnMany();
    await nextTurn();
    block();
    const before = Date.now();
    expect(scheduler.spawnNow(() => undefined).spawnedAt).toBeGreaterThanOrEqual(before);
  });

  it('are exact where the code between them takes longer, however many they are', () => {
    for (let index = 0; index < 100; index += 1) {
      block();
      const before = Date.now();
      expect(scheduler.spawnNow(() => undefined).spawnedAt).toBeGreaterThanOrEqual(before);
    }
  });

  it('are too old for 8 jobs at most, where the event loop was blocked in the midst of many', () => {
    spawnMany();
    block();
    const before = Date.now();
    const times = Array.from({ length: 9 }, () => scheduler.spawnNow(() => undefined).spawnedAt);
    expect(times.at(-1)).toBeGreaterThanOrEqual(before);
  });

  it('follow a clock that is mocked, at once', () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_000);
    spawnMany();
    now.mockReturnValue(2_000);
    expect(scheduler.spawnNow(() => undefined).spawnedAt).toBe(2_000);
    now.mockReturnValue(500);
    expect(scheduler.spawnNow(() => undefined).spawnedAt).toBe(500);
  });

  it('follow fake timers, at once', () => {
    jest.useFakeTimers({ now: 1_000 });
    spawnMany();
    jest.advanceTimersByTime(500);
    expect(scheduler.spawnNow(() => undefined).spawnedAt).toBe(1_500);
  });
});
