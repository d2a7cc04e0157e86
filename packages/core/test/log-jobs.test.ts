import { logJobs, Scheduler } from '@outlive/core';

type Line = [level: string, ...args: unknown[]];

/** A logger that keeps its lines. */
function recorder(): { lines: Line[]; logger: Parameters<typeof logJobs>[0] } {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (...args: unknown[]): void =>
      void lines.push([level, ...args]);
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { lines, logger };
}

async function work(): Promise<void> {
  const scheduler = new Scheduler({ name: 'mail', exceptionHandler: () => undefined });
  await scheduler.spawn(() => 1, { name: 'receipt' });
  await scheduler.spawn(() => Promise.reject(new Error('no paper')), {
    retry: { retries: 1, delay: 0 },
  });
  await scheduler.idle();
  await scheduler.close();
  await scheduler.spawn(() => 1, { name: 'late' }).catch(() => undefined);
}

it('logs what becomes of jobs, the message first', async () => {
  const { lines, logger } = recorder();
  const stop = logJobs(logger);
  await work();
  stop();
  await work();
  expect(lines.map(([level, message]) => `${level}: ${String(message)}`)).toEqual([
    'info: Job completed',
    'warn: Job failed, and is tried again',
    'error: Job failed',
    'info: Scheduler closed',
    'warn: Job refused',
  ]);
  expect(lines[0]?.[2]).toMatchObject({ job: 'receipt', jobId: 1, scheduler: 'mail', attempt: 1 });
  expect(lines[2]?.[2]).toMatchObject({ err: { message: 'no paper' }, attempt: 2 });
  expect(lines[4]?.[2]).toMatchObject({ job: 'late', err: { code: 'ERR_SCHEDULER_CLOSED' } });
});

it('gives pino the fields first, and leaves out what is not wanted', async () => {
  const { lines, logger } = recorder();
  const pino = Object.assign(logger, { bindings: () => ({}) });
  const stop = logJobs(pino, { levels: { completed: 'debug', retried: false, closed: false } });
  await work();
  stop();
  expect(lines.map(([level, , message]) => `${level}: ${String(message)}`)).toEqual([
    'debug: Job completed',
    'error: Job failed',
    'warn: Job refused',
  ]);
});

it.each([
  [undefined, undefined, /logger/],
  [{ info: () => undefined }, undefined, /logger/],
  [console, { level: {} }, /Did you mean `levels`/],
  [console, { levels: { complete: 'info' } }, /Did you mean `completed`/],
  [console, { levels: { failed: 'fatal' } }, /levels\.failed/],
  [console, { requestId: 'x' }, /requestId/],
])('refuses a bad logger or option', (logger, options, message) => {
  expect(() => logJobs(logger as never, options as never)).toThrow(message);
});
