import {
  JobCancelledError,
  JobTimeoutError,
  PendingLimitError,
  Scheduler,
  SchedulerClosedError,
  SchedulerError,
} from '@outlive/core';

describe.each([
  [SchedulerClosedError, 'SchedulerClosedError', 'ERR_SCHEDULER_CLOSED'],
  [PendingLimitError, 'PendingLimitError', 'ERR_PENDING_LIMIT'],
  [JobCancelledError, 'AbortError', 'ERR_JOB_CANCELLED'],
  [JobTimeoutError, 'TimeoutError', 'ERR_JOB_TIMEOUT'],
])('%p', (ErrorClass, name, code) => {
  it('is an Error with a name and a stable code', () => {
    const error = new ErrorClass();
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(SchedulerError);
    expect(error).toBeInstanceOf(ErrorClass);
    expect(error).toMatchObject({ name, code });
    expect(error.message).not.toBe('');
    expect(String(error)).toBe(`${name}: ${error.message}`);
  });

  it('takes a message and a cause', () => {
    const error = new ErrorClass('other words', { cause: 'the cause' });
    expect(error).toMatchObject({ message: 'other words', cause: 'the cause', name, code });
  });
});

describe('what is thrown', () => {
  it('is a PendingLimitError with the limit when there is no room', () => {
    const scheduler = new Scheduler({ limit: 1, pendingLimit: 0 });
    scheduler.pause();
    expect(() => scheduler.spawnNow(() => {})).toThrow(PendingLimitError);
    expect(() => scheduler.spawnNow(() => {})).toThrow(/pendingLimit 0/);
  });

  it.each([undefined, { writable: false }])(
    'is the same error where Error.stackTraceLimit is %p',
    async (descriptor) => {
      const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit') ?? {};
      if (descriptor !== undefined) Object.defineProperty(Error, 'stackTraceLimit', descriptor);
      try {
        const scheduler = new Scheduler();
        scheduler.pause();
        const job = scheduler.spawnNow(() => {});
        await scheduler.close();
        await expect(job.wait()).rejects.toBeInstanceOf(JobCancelledError);
      } finally {
        Object.defineProperty(Error, 'stackTraceLimit', { ...before, writable: true });
      }
      expect(Error.stackTraceLimit).toBeGreaterThan(0);
    },
  );
});
