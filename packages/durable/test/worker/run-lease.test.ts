import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';
import { storeOpener } from '../support/open-store.ts';
import { orderSchema } from '../support/order-schema.ts';
import { Runs } from '../support/runs.ts';

const open = storeOpener();

async function* steps(): AsyncGenerator<number> {
  yield 1;
}

describe('a handler that nobody would iterate over', () => {
  it.each<[string, unknown]>([
    ['a generator function', function* () {}],
    ['an async generator function', steps],
  ])('is refused by defineJob(): %s', (_, handler) => {
    expect(() => defineJob('steps', handler as () => void)).toThrow(TypeError);
    expect(() => defineJob('steps', handler as () => void)).toThrow(
      /generator|body would never run/,
    );
  });

  it.each<[string, () => unknown]>([
    ['a generator', () => steps()],
    ['a promise of one', async () => steps()],
  ])('fails its run if it returns %s', async (_, handler) => {
    const job = defineJob('steps', handler as (payload: object) => void, { retries: 0 });
    const reported: unknown[] = [];
    await using jobs = await openJobs({
      jobs: [job],
      backend: memoryBackend(),
      exceptionHandler: ({ exception }) => void reported.push(exception),
    });
    await jobs.enqueue(job, {});
    await until(() => reported.length === 1);
    expect(reported).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/generator/) as string }),
    ]);
    expect((await jobs.depth())['steps']).toEqual({ ready: 0, active: 0, failed: 1 });
  });
});

describe('a run of a stored job', () => {
  it('gets the payload, the id and the number of the attempt, and is done when it resolves', async () => {
    const runs = new Runs();
    const { jobs } = await open(runs);
    const id = await jobs.enqueue(runs.job, { orderId: '7' });
    const run = await runs.begun();
    expect(run).toMatchObject({ payload: { orderId: '7' }, context: { id, attempt: 1 } });
    run.end();
    await jobs.idle();
    expect(await jobs.depth()).toEqual({ held: { ready: 0, active: 0, failed: 0 } });
  });

  it('is followed by a retry when it throws, and each failure is reported', async () => {
    const runs = new Runs('retried', { backoff: 0, retries: 1 });
    const { jobs, reported } = await open(runs);
    const id = await jobs.enqueue(runs.job, {});
    for (const attempt of [1, 2]) {
      const run = await runs.begun(attempt);
      expect(run.context.attempt).toBe(attempt);
      run.end(new Error(`attempt ${attempt}`));
    }
    await until(() => reported.length === 2);
    expect(reported.map(({ message, exception }) => [message, String(exception)])).toEqual([
      ['Job processing failed', 'Error: attempt 1'],
      ['Job processing failed', 'Error: attempt 2'],
    ]);
    expect(reported.map(({ detail }) => detail)).toEqual([
      `stored job ${id}, attempt 1 of 2, tried again in 0 s`,
      `stored job ${id}, attempt 2 of 2, not tried again`,
    ]);
    expect((await jobs.depth())['retried']).toEqual({ ready: 0, active: 0, failed: 1 });
  });

  it('says, also where nobody handles failures, which attempt of how many has failed and when the next one is', async () => {
    const runs = new Runs('printed', { backoff: 1_500, retries: 3 });
    const printed = jest.spyOn(console, 'error').mockImplementation(() => {});
    const { jobs } = await open(runs, { exceptionHandler: undefined });
    const id = await jobs.enqueue(runs.job, {});
    (await runs.begun()).end(new Error('No paper'));
    await until(() => printed.mock.calls.length > 0);
    expect(printed.mock.calls[0]?.[1]).toContain(
      `"printed" (stored job ${id}, attempt 1 of 4, tried again in 1.5 s)`,
    );
    printed.mockRestore();
  });

  it('is a failed attempt at its timeout', async () => {
    const runs = new Runs('slow', { timeout: 20, retries: 0 });
    const { jobs } = await open(runs);
    await jobs.enqueue(runs.job, {});
    const { context, end } = await runs.begun();
    await until(() => context.signal.aborted);
    end(new Error('too slow'));
    await jobs.idle();
    expect((await jobs.depth())['slow']).toEqual({ ready: 0, active: 0, failed: 1 });
  });

  it('does not begin with a payload that the schema of today refuses: the job fails for good', async () => {
    const backend = memoryBackend();
    const yesterday = defineJob('order', (_: unknown) => {});
    const producer = await openJobs({ jobs: [yesterday], backend, work: false });
    await producer.enqueue(yesterday, { id: 'x' });
    const handler = jest.fn();
    const today = defineJob('order', handler, { schema: orderSchema });
    await using jobs = await openJobs({ jobs: [today], backend, exceptionHandler: () => {} });
    while ((await jobs.depth())['order']?.failed !== 1) await new Promise(setImmediate);
    expect(handler).not.toHaveBeenCalled();
  });

  it.each(['heeds', 'ignores'])(
    'is handed back in a shutdown, its attempt unspent, when it %s its signal',
    async (how) => {
      const runs = new Runs('handed', { retries: 0 });
      const { jobs, backend } = await open(runs, { closeTimeout: 20 });
      await jobs.enqueue(runs.job, {});
      const { end, context } = await runs.begun();
      if (how === 'heeds') {
        context.signal.addEventListener('abort', () => end(new Error('stopped half way')));
      }
      const report = await jobs.waitAndClose({ timeout: 20 });
      expect([report.cancelled.length, report.abandoned.length]).toEqual(
        how === 'heeds' ? [1, 0] : [0, 1],
      );
      const [lease] = await backend.claim(['handed'], 1, new AbortController().signal);
      expect(lease?.attempt).toBe(1);
      // The late end of the one that ignores its signal changes nothing for the next run.
      end();
      await new Promise(setImmediate);
      expect((await backend.lookup.depth())['handed']?.active).toBe(1);
    },
  );

  it('is handed back when it stops by itself as the drain begins', async () => {
    const runs = new Runs('stops', { retries: 0 });
    const { jobs, backend } = await open(runs);
    await jobs.enqueue(runs.job, {});
    const { end, context } = await runs.begun();
    const { drainSignal } = context;
    drainSignal.addEventListener('abort', () => end(drainSignal.reason));
    await jobs.waitAndClose();
    expect((await backend.lookup.depth())['stops']).toEqual({ ready: 1, active: 0, failed: 0 });
  });
});
