import { deferred } from '@outlive/test-support/deferred';
import { Markers } from '../../../src/engines/bullmq/markers.ts';
import { ReadyQueues } from '../../../src/engines/ready-queues.ts';
import type { Redis } from 'ioredis';

type Popped = [string, string, string] | null;

function fakes() {
  const client = jest.fn(async () => 1);
  const bzpopmin = jest.fn<Promise<Popped>, []>(async () => null);
  const zadd = jest.fn(async () => 1);
  const fake = { on: () => {}, client, bzpopmin, zadd } as unknown as Redis;
  const queues = new ReadyQueues(['job'], { interval: 2_000, look: async () => [] });
  queues.notifyAll();
  const markers = new Markers(fake, fake, new Map([['q:job:marker', 'job']]));
  return { client, bzpopmin, zadd, queues, markers };
}

/** Of queues that have just been asked, and had nothing. */
async function asked(queues: ReadyQueues): Promise<void> {
  await queues.claim(['job'], 1, new AbortController().signal, async () => []);
}

describe('waiting for the marker of a queue', () => {
  it('makes the queue worth asking when it comes', async () => {
    const { bzpopmin, queues, markers } = fakes();
    await asked(queues);
    bzpopmin.mockResolvedValueOnce(['q:job:marker', '0', '0']);
    await markers.wait(['job'], queues, new AbortController().signal);
    expect(queues.isReady(['job'])).toBe(true);
  });

  it('goes on after the one of a delayed job, whose time has not come', async () => {
    const { bzpopmin, queues, markers } = fakes();
    await asked(queues);
    bzpopmin.mockResolvedValueOnce(['q:job:marker', '1', String(Date.now() + 60_000)]);
    await markers.wait(['job'], queues, new AbortController().signal);
    expect(bzpopmin).toHaveBeenCalledTimes(2);
    expect(queues.isReady(['job'])).toBe(false);
  });

  it('puts one back that comes with the abort, for another process', async () => {
    const { client, bzpopmin, zadd, queues, markers } = fakes();
    await asked(queues);
    const popped = deferred<Popped>();
    bzpopmin.mockReturnValueOnce(popped.promise);
    const controller = new AbortController();
    const waiting = markers.wait(['job'], queues, controller.signal);
    while (bzpopmin.mock.calls.length === 0) await new Promise(setImmediate);
    controller.abort();
    expect(client).toHaveBeenLastCalledWith('UNBLOCK', 1);
    popped.resolve(['q:job:marker', '0', '0']);
    await waiting;
    expect(zadd).toHaveBeenCalledWith('q:job:marker', 0, '0');
    expect(queues.isReady(['job'])).toBe(false);
  });

  it('works again after the connection was away, and polls meanwhile', async () => {
    const { client, bzpopmin, queues, markers } = fakes();
    await asked(queues);
    client.mockRejectedValueOnce(new Error('The connection is away'));
    const controller = new AbortController();
    const waiting = markers.wait(['job'], queues, controller.signal);
    queues.notify('job');
    await waiting;
    expect(bzpopmin).not.toHaveBeenCalled();
    await asked(queues);
    await markers.wait(['job'], queues, controller.signal);
    expect(bzpopmin).toHaveBeenCalledTimes(1);
  });
});
