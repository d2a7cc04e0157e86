import { ErrorThrottle } from '../../src/engines/error-throttle.ts';

describe('the errors of a store', () => {
  const reported: unknown[] = [];
  let errors: ErrorThrottle;

  beforeEach(() => {
    jest.useFakeTimers();
    reported.length = 0;
    errors = new ErrorThrottle((error) => reported.push(error));
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('are reported once, however often they are repeated', () => {
    const first = new Error('refused');
    errors.report(first);
    for (let count = 0; count < 100; count += 1) {
      jest.advanceTimersByTime(1_000);
      errors.report(new Error('refused'));
    }
    expect(reported).toEqual([first]);
  });

  it('are distinguished by message and code, whatever was thrown', () => {
    const refused = Object.assign(new Error(), { code: 'ECONNREFUSED' });
    const reset = Object.assign(new Error(), { code: 'ECONNRESET' });
    for (const error of [refused, reset, 'text', undefined, refused, reset, 'text', undefined]) {
      errors.report(error);
    }
    expect(reported).toEqual([refused, reset, 'text', undefined]);
  });

  it('are reported again once the store has answered', () => {
    errors.report('down');
    jest.advanceTimersByTime(10_000);
    errors.storeAnswered();
    errors.report('down');
    errors.report('down');
    expect(reported).toHaveLength(2);
  });

  it('are remembered up to a bound: some have the id of a job in them', () => {
    for (let count = 0; count < 1_000; count += 1) errors.report(`job ${count}`);
    expect(reported).toHaveLength(1_000);
    errors.report('job 1');
    expect(reported).toHaveLength(1_001);
  });

  it('are reported every ten seconds at most while they come and go', () => {
    for (let count = 0; count < 20; count += 1) {
      errors.report('down');
      jest.advanceTimersByTime(1_000);
      errors.storeAnswered();
    }
    expect(reported).toHaveLength(2);
  });
});
