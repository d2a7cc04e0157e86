import { Outages } from '../../src/engines/error-throttle.ts';

describe('troubles of a store', () => {
  const told: unknown[] = [];
  let outages: Outages;

  beforeEach(() => {
    jest.useFakeTimers();
    told.length = 0;
    outages = new Outages((error) => told.push(error));
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('are told once, however often they are repeated', () => {
    const first = new Error('refused');
    outages.tell(first);
    for (let count = 0; count < 100; count += 1) {
      jest.advanceTimersByTime(1_000);
      outages.tell(new Error('refused'));
    }
    expect(told).toEqual([first]);
  });

  it('are told apart by message and code, whatever was thrown', () => {
    const refused = Object.assign(new Error(), { code: 'ECONNREFUSED' });
    const reset = Object.assign(new Error(), { code: 'ECONNRESET' });
    for (const error of [refused, reset, 'text', undefined, refused, reset, 'text', undefined]) {
      outages.tell(error);
    }
    expect(told).toEqual([refused, reset, 'text', undefined]);
  });

  it('are told again once the store has worked', () => {
    outages.tell('down');
    jest.advanceTimersByTime(10_000);
    outages.over();
    outages.tell('down');
    outages.tell('down');
    expect(told).toHaveLength(2);
  });

  it('are told every ten seconds at most while they come and go', () => {
    for (let count = 0; count < 20; count += 1) {
      outages.tell('down');
      jest.advanceTimersByTime(1_000);
      outages.over();
    }
    expect(told).toHaveLength(2);
  });
});
