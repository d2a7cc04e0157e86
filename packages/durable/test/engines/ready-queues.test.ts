import type { Lease } from '@outlive/durable';
import { settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { type Polling, ReadyQueues } from '../../src/engines/ready-queues.ts';

const never = new AbortController().signal;

function lease(name: string): Lease {
  return { id: '1', name, payload: null, attempt: 1, ref: undefined };
}

/** Looks that find jobs in all of these queues. */
function allDue(...names: string[]): Polling {
  return { interval: 10_000, look: async () => names.map((name) => ({ name, delay: 0 })) };
}

async function failing(): Promise<never> {
  throw new Error('The store is down');
}

describe('queues that may have jobs', () => {
  it('take turns: one that is never empty does not keep the others from theirs', async () => {
    const queues = new ReadyQueues(['busy', 'other'], allDue('busy', 'other'));
    const taken: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      queues.notify('busy');
      queues.notify('other');
      const leases = await queues.claim(['busy', 'other'], 1, never, async (name) => [lease(name)]);
      taken.push(...leases.map(({ name }) => name));
    }
    expect(taken.toSorted()).toEqual(['busy', 'busy', 'other', 'other']);
  });

  it('are asked again when one has failed, and what was taken before comes through', async () => {
    const queues = new ReadyQueues(['a', 'b', 'c'], allDue('a', 'b', 'c'));
    const asked: string[] = [];
    const take = async (name: string): Promise<Lease[]> => {
      asked.push(name);
      if (asked.length === 2) throw new Error('The store is down');
      return asked.length === 1 ? [lease(name)] : [];
    };
    expect(await queues.claim(['a', 'b', 'c'], 5, never, take)).toHaveLength(1);
    expect(await queues.claim(['a', 'b', 'c'], 5, never, take)).toEqual([]);
    expect(asked).toHaveLength(4);
    expect(new Set(asked)).toEqual(new Set(['a', 'b', 'c']));
  });

  it('are found by one look at all of them, and asked when the first job of each is due', async () => {
    const looks = jest.fn(async () => [
      { name: 'now', delay: -5 },
      { name: 'soon', delay: 80 },
      { name: 'later', delay: 60_000 },
    ]);
    const names = ['now', 'soon', 'later', 'empty'];
    const queues = new ReadyQueues(names, { interval: 10_000, look: looks });
    const asked: string[] = [];
    const take = async (name: string): Promise<Lease[]> => {
      asked.push(name);
      return [];
    };
    await queues.claim(names, 1, never, take);
    expect(asked).toEqual(['now']);
    expect(queues.untilDue).toBeLessThanOrEqual(80);
    // A timer may end up to 1 ms before its time: https://github.com/nodejs/node/issues/26578
    while (asked.length < 2) {
      await queues.wait(names, never);
      await queues.claim(names, 1, never, take);
    }
    expect(asked).toEqual(['now', 'soon']);
    expect(queues.untilDue).toBeGreaterThan(1_000);
    expect(looks).toHaveBeenCalledTimes(1);
  });

  it('are looked at again after a look that failed', async () => {
    const look = jest.fn(failing);
    const queues = new ReadyQueues(['a'], { interval: 10_000, look });
    for (let count = 0; count < 2; count += 1) {
      await expect(queues.claim(['a'], 1, never, async () => [])).rejects.toThrow('is down');
    }
    expect(look).toHaveBeenCalledTimes(2);
  });

  it('know no others: a notification for another program is none', () => {
    const queues = new ReadyQueues(['a'], allDue('a'));
    queues.notify('b');
    expect(queues.isReady(['a', 'b'])).toBe(false);
  });

  it('reject with the error of one where nothing was taken', async () => {
    const queues = new ReadyQueues(['a'], allDue('a'));
    await expect(queues.claim(['a'], 1, never, failing)).rejects.toThrow('The store is down');
    expect(queues.isReady(['a'])).toBe(true);
  });

  it('have more while each call takes all that it asks for, and one alone of them has jobs', async () => {
    const queues = new ReadyQueues(['a', 'b'], { interval: 10_000, look: async () => [] });
    expect(queues.hasMore('a')).toBe(false);
    await queues.claim(['a', 'b'], 1, never, async () => []);
    queues.notify('a');
    expect(queues.hasMore('a')).toBe(true);
    const two = [lease('a'), lease('a')];
    expect(await queues.claimMore('a', 2, async () => two)).toBe(two);
    expect(queues.hasMore('a')).toBe(true);
    queues.notify('b');
    expect(queues.hasMore('a')).toBe(false);
    await queues.claimMore('b', 1, async () => []);
    await expect(queues.claimMore('a', 2, failing)).rejects.toThrow('The store is down');
    expect(queues.hasMore('a')).toBe(true);
    const one = [lease('a')];
    expect(await queues.claimMore('a', 2, async () => one)).toBe(one);
    expect(queues.hasMore('a')).toBe(false);
  });

  it('are all looked at when it is time, even if one of them always has more', async () => {
    const queues = new ReadyQueues(['a'], { interval: 500, look: async () => [] });
    await queues.claim(['a'], 1, never, async () => []);
    queues.notify('a');
    expect(queues.hasMore('a')).toBe(true);
    while (queues.untilDue > 0) await queues.wait([], never);
    expect(queues.hasMore('a')).toBe(false);
  });

  it('are looked at while jobs are taken that are known already, and wake a claim that waits then', async () => {
    const answer = deferred<{ name: string; delay: number }[]>();
    const looks = jest.fn(async () => answer.promise).mockResolvedValueOnce([]);
    const queues = new ReadyQueues(['a', 'b'], { interval: 0, look: looks });
    await queues.claim(['a', 'b'], 1, never, failing);
    queues.notify('a');
    const taken = await queues.claim(['a', 'b'], 2, never, async (name) => [lease(name)]);
    expect(taken.map(({ name }) => name)).toEqual(['a']);
    const woken = queues.wait(['a', 'b'], never);
    answer.resolve([{ name: 'b', delay: 0 }]);
    await woken;
    expect(queues.isReady(['b'])).toBe(true);
  });

  it('are looked at again by the next claim where a look beside another one has failed', async () => {
    const looks = jest.fn<Promise<never[]>, []>(failing).mockResolvedValueOnce([]);
    const queues = new ReadyQueues(['a', 'b'], { interval: 0, look: looks });
    await queues.claim(['a', 'b'], 1, never, failing);
    queues.notify('a');
    await queues.claim(['a', 'b'], 1, never, async () => []);
    await expect(queues.claim(['a', 'b'], 1, never, async () => [])).rejects.toThrow('is down');
    expect(looks).toHaveBeenCalledTimes(3);
  });

  it('are looked at before anything is taken where something may have been missed', async () => {
    const answer = deferred<[]>();
    const queues = new ReadyQueues(['a'], { interval: 10_000, look: () => answer.promise });
    queues.notify('a');
    const asked: string[] = [];
    const claimed = queues.claim(['a'], 1, never, async (name) => {
      asked.push(name);
      return [];
    });
    await settled();
    expect(asked).toEqual([]);
    answer.resolve([]);
    await claimed;
    expect(asked).toEqual(['a']);
  });
});
