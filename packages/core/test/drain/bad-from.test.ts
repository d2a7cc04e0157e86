import { type From, Scheduler } from '@outlive/core';
import { obedient } from '../support/functions.ts';

const waits = ['drain', 'waitAndClose', 'close', 'idle'] as const;

const bad: [string, (scheduler: Scheduler) => unknown][] = [
  ['null', () => null],
  ['an object', () => ({})],
  ['a number', () => 1],
  ['an id in text', () => '1'],
  ['a boolean', () => true],
  ['a symbol', () => Symbol('job')],
  ['a function', () => obedient],
  ['the scheduler', (scheduler) => scheduler],
  ['a signal', (scheduler) => [...scheduler][0]?.signal],
  ['what only looks like a job', (scheduler) => ({ ...[...scheduler][0], id: 1, name: 'fake' })],
  ['a promise of a job', (scheduler) => scheduler.spawn(() => {})],
  ['an iterator of jobs', (scheduler) => scheduler[Symbol.iterator]()],
  ['an array with null', (scheduler) => [...scheduler, null]],
  ['an array with undefined', (scheduler) => [undefined, ...scheduler]],
  ['an array with a hole', (scheduler) => Object.assign(Array(2), { 0: [...scheduler][0] })],
  ['an array with an object', (scheduler) => [...scheduler, {}]],
  ['an array with a promise of a job', (scheduler) => [scheduler.spawn(() => {})]],
  ['an array in an array', (scheduler) => [[...scheduler]]],
];

function thrownBy(callback: () => unknown): unknown {
  try {
    callback();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each(waits)('%s({ from })', (call) => {
  it.each(bad)('throws at the call for %s, and changes nothing', async (_, make) => {
    const scheduler = new Scheduler();
    const job = scheduler.spawnNow(obedient);
    const from = make(scheduler) as From;
    const { drainSignal } = scheduler;
    const error = thrownBy(() => scheduler[call]({ from }));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(/`from\b.*job.*got /s);
    expect(scheduler).toMatchObject({ size: 1, activeCount: 1, closed: false });
    expect(job.state).toBe('active');
    expect(drainSignal.aborted).toBe(false);
    await scheduler.close();
  });

  it.each([[null], ['options'], [5], [[]], [() => {}]])(
    'throws at the call for %p in place of the options',
    async (options) => {
      const scheduler = new Scheduler();
      const error = thrownBy(() => scheduler[call](options as unknown as { from?: From }));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toContain('`options` to be an object');
      expect(scheduler.closed).toBe(false);
      await scheduler.close();
    },
  );

  it('throws as well on a scheduler that is closed', async () => {
    const scheduler = new Scheduler();
    await scheduler.close();
    expect(thrownBy(() => scheduler[call]({ from: null as unknown as From }))).toBeInstanceOf(
      TypeError,
    );
  });
});
