import * as core from '@outlive/core';
import {
  type DrainOptions,
  type DrainReport,
  type ExceptionContext,
  type ExceptionHandler,
  type From,
  type Job,
  type JobContext,
  type JobFunction,
  type JobOptions,
  type JobOutcome,
  type JobState,
  Scheduler,
  type SchedulerOptions,
} from '@outlive/core';
import { expectTypeOf } from 'expect-type';

describe('types', () => {
  const scheduler = new Scheduler();

  it('spawn() gives a Job of what the function returns', () => {
    expectTypeOf(scheduler.spawn(async () => 1)).toEqualTypeOf<Promise<Job<number>>>();
    expectTypeOf(scheduler.spawn(() => 'x')).toEqualTypeOf<Promise<Job<string>>>();
    expectTypeOf(scheduler.spawnNow(() => {})).toEqualTypeOf<Job<void>>();
    expectTypeOf(scheduler.spawnNow(async () => 1).wait()).toEqualTypeOf<Promise<number>>();
    expectTypeOf(scheduler.shield(async () => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(scheduler.shield(Promise.resolve(1))).toEqualTypeOf<Promise<number>>();
  });

  it('a function may take its JobContext or leave it', () => {
    expectTypeOf<() => number>().toExtend<JobFunction<number>>();
    expectTypeOf<JobFunction<number>>().parameters.toEqualTypeOf<[job: JobContext]>();
    scheduler.spawnNow(({ id, name, signal, drainSignal }) => {
      expectTypeOf({ id, name, signal, drainSignal }).toEqualTypeOf<{
        id: number;
        name: string | undefined;
        signal: AbortSignal;
        drainSignal: AbortSignal;
      }>();
    });
  });

  it('takes no promise for a function', () => {
    // @ts-expect-error -- it is already running
    expect(() => scheduler.spawnNow(Promise.resolve())).toThrow(TypeError);
    // @ts-expect-error -- not a function
    expect(() => scheduler.spawn('fn')).toThrow(TypeError);
  });

  it('a Job is a JobContext, AsyncDisposable, and a Job of unknown', () => {
    expectTypeOf<Job<number>>().toExtend<JobContext>();
    expectTypeOf<Job<number>>().toExtend<AsyncDisposable>();
    expectTypeOf<Job<number>>().toExtend<Job>();
    expectTypeOf<Job>().toEqualTypeOf<Job<unknown>>();
    expectTypeOf<Job['state']>().toEqualTypeOf<JobState>();
    expectTypeOf<Job['outcome']>().toEqualTypeOf<JobOutcome | undefined>();
    expectTypeOf<Job['startedAt']>().toEqualTypeOf<number | undefined>();
    expect(scheduler.has(scheduler.spawnNow(async () => 1))).toBe(true);
  });

  it('a Scheduler is iterable and AsyncDisposable', () => {
    expectTypeOf<Scheduler>().toExtend<Iterable<Job>>();
    expectTypeOf<Scheduler>().toExtend<AsyncDisposable>();
    expectTypeOf([...scheduler]).toEqualTypeOf<Job[]>();
    expectTypeOf(scheduler[Symbol.asyncDispose]).returns.toEqualTypeOf<Promise<void>>();
    expect(scheduler[Symbol.iterator]().next().done).toBe(true);
    expect([...scheduler[Symbol.iterator]()]).toEqual([]);
  });

  it('every option may be undefined, also under exactOptionalPropertyTypes', () => {
    type Undefined<O> = { [K in keyof O]-?: undefined };
    expectTypeOf<Undefined<SchedulerOptions>>().toExtend<SchedulerOptions>();
    expectTypeOf<Undefined<JobOptions>>().toExtend<JobOptions>();
    expectTypeOf<Undefined<DrainOptions>>().toExtend<DrainOptions>();
    expectTypeOf<{ timeout: undefined; signal: undefined }>().toExtend<
      NonNullable<Parameters<Job['wait']>[0]>
    >();
    expectTypeOf<{ timeout: undefined }>().toExtend<NonNullable<Parameters<Job['close']>[0]>>();
  });

  it('knows its options by name and kind', () => {
    // @ts-expect-error -- no such option
    expect(() => new Scheduler({ concurrency: 1 })).toThrow(TypeError);
    // @ts-expect-error -- neither 'caller' nor 'scheduler'
    expect(() => new Scheduler({ context: 'none' })).toThrow(TypeError);
    // @ts-expect-error -- not a number
    expect(() => scheduler.spawnNow(() => {}, { timeout: '5s' })).toThrow(TypeError);
  });

  it('what is readonly cannot be set; limit and a name can', () => {
    expectTypeOf<Scheduler['limit']>().toEqualTypeOf<number>();
    scheduler.limit = 5;
    const job = scheduler.spawnNow(() => {});
    job.name = 'renamed';
    // @ts-expect-error -- readonly
    expect(() => (job.id = 1)).toThrow(TypeError);
    // @ts-expect-error -- readonly
    expect(() => (scheduler.size = 1)).toThrow(TypeError);
  });

  it('a handler is given the context and the scheduler, and may be async', () => {
    expectTypeOf<ExceptionHandler>().parameters.toEqualTypeOf<[ExceptionContext, Scheduler]>();
    expectTypeOf<() => Promise<void>>().toExtend<ExceptionHandler>();
    expectTypeOf<ExceptionContext['exception']>().toEqualTypeOf<unknown>();
    expectTypeOf<'my own message'>().toExtend<ExceptionContext['message']>();
  });

  it('all three ends give a DrainReport', () => {
    expectTypeOf(scheduler.drain).returns.toEqualTypeOf<Promise<DrainReport>>();
    expectTypeOf(scheduler.waitAndClose).returns.toEqualTypeOf<Promise<DrainReport>>();
    expectTypeOf(scheduler.close).returns.toEqualTypeOf<Promise<DrainReport>>();
    expectTypeOf<DrainReport['abandoned']>().toEqualTypeOf<Job[]>();
  });

  it('`from` takes jobs and contexts, one or several', () => {
    expectTypeOf<From>().toEqualTypeOf<JobContext | readonly JobContext[]>();
    expectTypeOf<Job<number>>().toExtend<From>();
    expectTypeOf<readonly Job[]>().toExtend<From>();
    for (const call of ['drain', 'waitAndClose', 'close', 'idle'] as const) {
      expectTypeOf<{ from: From }>().toExtend<NonNullable<Parameters<Scheduler[typeof call]>[0]>>();
    }
    // @ts-expect-error -- a job that is not awaited yet
    expect(() => scheduler.drain({ from: scheduler.spawn(() => {}) })).toThrow(TypeError);
    // @ts-expect-error -- no job
    expect(() => scheduler.close({ from: {} })).toThrow(TypeError);
  });

  it('a Job has no constructor: only a scheduler makes jobs', () => {
    expect(core).not.toHaveProperty('Job');
  });
});
