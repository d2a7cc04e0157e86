import { once } from 'node:events';
import { type JobContext, Scheduler } from '@outlive/core';
import { after, atomic, spawn } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { settled, until } from '@outlive/test-support/conditions';
import { fakeTimers } from '@outlive/test-support/fake-timers';
import { promptly } from '@outlive/test-support/watched';
import { serveJobs } from '../support/serve-jobs.ts';

/** Fails until the attempt with this number. */
function failingUntil(last: number): { attempts: number[]; fn: (job: JobContext) => void } {
  const attempts: number[] = [];
  const fn = ({ attempt }: JobContext): void => {
    attempts.push(attempt);
    if (attempt < last) throw new Error('again');
  };
  return { attempts, fn };
}

describe('a job of a request that is retried', () => {
  it('runs again after its answer', async () => {
    const { attempts, fn } = failingUntil(3);
    await using serving = await serveJobs({
      '/': async (req, res) => {
        await spawn(req, fn, { retry: { retries: 2, delay: 1 } });
        res.end();
      },
    });
    await fetchFrom(serving, '/');
    await until(() => attempts.length === 3);
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('may be one for after the response', async () => {
    const { attempts, fn } = failingUntil(2);
    await using serving = await serveJobs({
      '/': (req, res) => {
        after(req, fn, { retry: { retries: 1, delay: 1 } });
        res.end();
      },
    });
    await fetchFrom(serving, '/');
    await until(() => attempts.length === 2);
    expect(attempts).toEqual([1, 2]);
  });

  it('gets its next attempt at once when its server closes, and no further one', async () => {
    const { attempts, fn } = failingUntil(9);
    await using serving = await serveJobs({
      '/': async (req, res) => {
        const job = await spawn(req, fn, { retry: { retries: 9, delay: 60_000, jitter: false } });
        void job.wait().catch(() => {});
        res.end();
      },
    });
    await fetchFrom(serving, '/');
    await settled();
    expect(attempts).toEqual([1]);
    await promptly(once(serving.server.close(), 'close'));
    expect(attempts).toEqual([1, 2]);
  });
});

describe('an atomic handler', () => {
  it('is not retried: TypeError says why, where it is made', () => {
    const options = { retry: 3 } as object;
    const why = /An atomic handler cannot have `retry`: it answers one request/;
    expect(() => atomic(() => {}, options)).toThrow(TypeError);
    expect(() => atomic(() => {}, options)).toThrow(why);
    expect(() => atomic(options)).toThrow(why);
  });

  it('is held back by the start rate, as a pending job', async () => {
    using timers = fakeTimers();
    const scheduler = new Scheduler({ rate: { starts: 1, per: 100 } });
    let starts = 0;
    const handler = atomic(async (_req, res) => {
      starts += 1;
      res.end('ok');
    });
    await using serving = await serveJobs({ '/': handler }, scheduler);
    const answers = Promise.all([1, 2].map(async () => fetchFrom(serving, '/')));
    await until(() => starts === 1 && scheduler.pendingCount === 1);
    await timers.after(99);
    expect([starts, scheduler.pendingCount]).toEqual([1, 1]);
    await timers.after(1);
    expect((await answers).map(({ body }) => body)).toEqual(['ok', 'ok']);
  });
});
