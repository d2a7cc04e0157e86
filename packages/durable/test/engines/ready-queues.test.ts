import type { Lease } from '@outlive/durable';
import { ReadyQueues } from '../../src/engines/ready-queues.ts';

const never = new AbortController().signal;

function lease(name: string): Lease {
  return { id: '1', name, payload: null, attempt: 1, ref: undefined };
}

async function failing(): Promise<never> {
  throw new Error('The store is down');
}

describe('queues that may have jobs', () => {
  it('take turns: one that is never empty does not keep the others from theirs', async () => {
    const queues = new ReadyQueues(['busy', 'other']);
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
    const queues = new ReadyQueues(['a', 'b', 'c']);
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

  it('reject with the error of one where nothing was taken', async () => {
    const queues = new ReadyQueues(['a']);
    await expect(queues.claim(['a'], 1, never, failing)).rejects.toThrow('The store is down');
    expect(queues.isReady(['a'])).toBe(true);
  });
});
