import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  after,
  atomic,
  type Job,
  jobsListener,
  type Scheduler,
  SchedulerMissingError,
  shield,
  spawn,
} from '@outlive/http';
import { expectTypeOf } from 'expect-type';

describe('the types of atomic() on node:http', () => {
  it('keep the listener', () => {
    const listener = atomic(async (req: IncomingMessage, res: ServerResponse) => {
      res.end(req.url);
      return 7;
    });
    expectTypeOf(listener).toEqualTypeOf<
      (req: IncomingMessage, res: ServerResponse) => Promise<number>
    >();
    expectTypeOf(jobsListener(listener)).toExtend<RequestListener>();
    expectTypeOf(jobsListener(listener).scheduler).toEqualTypeOf<Scheduler>();
  });

  it('refuse what cannot be a handler', () => {
    // @ts-expect-error -- no function
    expect(() => atomic('handler')).toThrow(TypeError);
    // @ts-expect-error -- a bad option
    expect(() => atomic(() => {}, { overload: 'queue' })).toThrow(TypeError);
    // @ts-expect-error -- a listener of other arguments
    expect(atomic((name: string) => name)).toBeInstanceOf(Function);
  });
});

describe('the types of the verbs', () => {
  it('carry what a job gives', () => {
    const request: object = {};
    const calls = [
      () => {
        expectTypeOf(spawn(request, async () => 7)).toEqualTypeOf<Promise<Job<number>>>();
      },
      () => {
        expectTypeOf(after(request, () => 'done')).toEqualTypeOf<Job<string>>();
      },
      () => {
        expectTypeOf(shield(request, Promise.resolve(true))).toEqualTypeOf<Promise<boolean>>();
      },
    ];
    for (const call of calls) expect(call).toThrow(SchedulerMissingError);
  });
});
