import {
  type DrainReport,
  type ExceptionContext,
  type From,
  type Job,
  type JobContext,
  type JobGroup,
  Scheduler,
} from '@outlive/core';
import { deferred } from '@outlive/test-support/deferred';
import {
  type Action,
  type GroupAction,
  type Named,
  type Settlement,
  type Setup,
  type ShieldAction,
  signalCount,
  type SpawnAction,
} from './actions.ts';

interface Open {
  readonly label: string;
  readonly context: JobContext | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Performs actions on a scheduler and writes down, in words, everything that can be seen of it. */
export class RealWorld {
  readonly scheduler: Scheduler;
  /** Starts of functions and calls of the exception handler, in their order. */
  readonly trace: string[] = [];
  /** What the promises that were handed out came to. */
  readonly results: string[] = [];
  readonly #jobs = new Map<number, Job>();
  readonly #signals: AbortController[] = [];
  readonly #groups: JobGroup[] = [];
  readonly #names = new Map<unknown, string>();
  /** All shielded functions, in the order of their starts. */
  readonly #shielded: JobContext[] = [];
  readonly #foreign = new Scheduler();
  /** Calls whose promises have not settled. */
  readonly #unsettled = new Set<string>();
  #running: Open[] = [];
  #shields: Open[] = [];
  #afters: Open[] = [];
  #labels = 0;
  #calls = 0;

  constructor(setup: Setup) {
    this.scheduler = new Scheduler({
      stallTimeout: Infinity,
      ...setup,
      exceptionHandler: ({ message, exception, job }: ExceptionContext) => {
        this.trace.push(`${message}: ${this.#describe(exception)}, job ${job?.id ?? 'none'}`);
      },
    });
    for (let index = 0; index < signalCount; index += 1) this.#signals.push(new AbortController());
    // Its jobs never end: what waited for them would be found out.
    for (let count = 0; count < 2; count += 1) this.#foreign.spawnNow(() => new Promise(() => {}));
  }

  /** @param own - the function that does it */
  perform(action: Action, own?: JobContext): void {
    const { scheduler } = this;
    switch (action.type) {
      case 'spawn':
        this.#spawn(action);
        return;
      case 'shield':
        this.#shield(action);
        return;
      case 'settle':
        this.#running = this.#settle(this.#running, action.pick, action.how);
        return;
      case 'settleShield':
        this.#shields = this.#settle(this.#shields, action.pick, action.how);
        return;
      case 'settleAfter':
        this.#afters = this.#settle(this.#afters, action.pick, action.reject ? 'error' : 'value');
        return;
      case 'closeJob': {
        const jobs = [...scheduler];
        const job = jobs[action.pick % jobs.length];
        if (job === undefined) return;
        const { timeout } = action;
        const reason = this.#named(`reason of close ${this.#calls}`);
        this.#watch(`close of job ${job.id}`, job.close({ timeout, reason }));
        return;
      }
      case 'wait': {
        const jobs = action.ended
          ? [...this.#jobs.values()].filter((job) => job.closed).toSorted((a, b) => a.id - b.id)
          : [...scheduler];
        const job = jobs[action.pick % jobs.length];
        if (job !== undefined) this.#watch(`wait of job ${job.id}`, job.wait());
        return;
      }
      case 'abort':
        this.#abort(action.signal);
        return;
      case 'limit':
        scheduler.limit = action.limit;
        return;
      case 'rate':
        scheduler.rate = action.rate;
        return;
      case 'group':
        this.#openGroup(action, own);
        return;
      case 'waitForGroup':
      case 'closeGroup': {
        const index = action.pick % this.#groups.length;
        const group = this.#groups[index];
        if (group === undefined) return;
        const ended = action.type === 'waitForGroup' ? group.wait() : group.close();
        this.#watch(`${action.type} ${index} `, ended);
        return;
      }
      case 'pause':
        scheduler.pause();
        return;
      case 'resume':
        scheduler.resume();
        return;
      case 'idle':
        this.#watch(
          'idle',
          scheduler.idle({ ...this.#signalOf(action.signal), from: this.#from(action.from, own) }),
        );
        return;
      case 'drain':
      case 'waitAndClose': {
        const { type, ...bounds } = action;
        const ended = scheduler[type]({ ...bounds, from: this.#from(action.from, own) });
        this.#watch(type, ended);
        return;
      }
      case 'close':
        this.#watch('close', scheduler.close({ from: this.#from(action.from, own) }));
        return;
      case 'advance':
        jest.advanceTimersByTime(action.by);
        return;
      default:
        action satisfies never;
    }
  }

  counters(): unknown[] {
    const { limit, size, activeCount, pendingCount, closed, drainSignal } = this.scheduler;
    const timers = jest.getTimerCount();
    const groups = this.#groups.map((group) => group.size).join();
    return [limit, size, activeCount, pendingCount, closed, drainSignal.aborted, timers, groups];
  }

  live(): string[] {
    return [...this.scheduler].map((job) => this.job(job.id));
  }

  job(id: number): string {
    const job = this.#jobs.get(id) as Job;
    const { state, outcome, attempt, spawnedAt, startedAt, pending, active, closed } = job;
    const flags = [pending && 'pending', active && 'active', closed && 'closed'];
    const has = this.scheduler.has(job) ? 'has' : 'has not';
    return `${job.id} ${state} ${outcome} ${attempt} ${spawnedAt} ${startedAt} ${flags.filter(Boolean).join()} ${has}`;
  }

  /** Promises that closing should have settled: all but those of jobs and groups that still run. */
  openPromises(): string[] {
    const jobs = [...this.scheduler].map((job) => ` of job ${job.id} `);
    const groups = this.#groups.map((group, index) => (group.size > 0 ? `Group ${index} ` : []));
    const running = [...jobs, ...groups.flat()];
    return [...this.#unsettled].filter((name) => !running.some((each) => name.includes(each)));
  }

  #from(all: readonly Named[], own: JobContext | undefined): From | undefined {
    const found = all.map(({ kind, pick }) => {
      switch (kind) {
        case 'own':
          return own;
        case 'live':
          return at([...this.scheduler], pick);
        case 'shield':
          return at(this.#shielded, pick);
        case 'ended':
          return at(
            [...this.#jobs.values()].filter((job) => job.closed),
            pick,
          );
        case 'foreign':
          return at([...this.#foreign], pick);
        default:
          return kind satisfies never;
      }
    });
    const from = found.filter((context) => context !== undefined);
    // One may stand for itself.
    return from.length === 1 ? from[0] : from;
  }

  #openGroup({ limit, failFast, signal, inside }: GroupAction, own: JobContext | undefined): void {
    const context = inside && (own as Job | undefined)?.active === true ? own : undefined;
    this.#groups.push(
      this.scheduler.group({ ...this.#signalOf(signal), limit, failFast, inside: context }),
    );
  }

  #spawn({ now, priority, timeout, signal, after, key, group, retry, body }: SpawnAction): void {
    this.#labels += 1;
    const label = `${this.#labels}`;
    const options = {
      ...this.#signalOf(signal),
      priority,
      timeout,
      key,
      after: after ? this.#open(this.#afters, `after ${label}`) : undefined,
      retry: retry === undefined ? undefined : { ...retry, factor: 1, jitter: false },
    };
    const fn = (context: JobContext): unknown => {
      this.#meet(context as Job);
      this.trace.push(`${label} starts as job ${context.id}, attempt ${context.attempt}`);
      let end: Promise<unknown> | undefined;
      if (body.ends === 'waits' || body.ends === 'thenable') {
        end = this.#open(this.#running, label, context);
      }
      if (body.obeys) {
        context.signal.addEventListener('abort', () => {
          this.trace.push(`${label} is told: ${this.#describe(context.signal.reason)}`);
          for (const action of body.onAbort) this.perform(action, context);
          const index = this.#running.findIndex((open) => open.label === label);
          if (index >= 0) this.#running = this.#settle(this.#running, index, 'reason');
        });
      }
      for (const action of body.during) this.perform(action, context);
      return this.#end(label, body.ends, end);
    };
    const spawner = (group === undefined ? undefined : at(this.#groups, group)) ?? this.scheduler;
    if (!now) {
      const spawned = spawner.spawn(fn, options).then((job) => this.#meet(job));
      this.#watch(`spawn ${label}`, spawned);
      return;
    }
    try {
      this.#meet(spawner.spawnNow(fn, options));
    } catch (error) {
      this.results.push(`spawnNow ${label}: throws ${this.#describe(error)}`);
    }
  }

  #shield({ function: isFunction, ends, signal, during }: ShieldAction): void {
    this.#labels += 1;
    const label = `shield ${this.#labels}`;
    const end = (context?: JobContext): unknown =>
      this.#end(
        label,
        ends,
        ends === 'waits' ? this.#open(this.#shields, label, context) : undefined,
      );
    const fn = (context: JobContext): unknown => {
      this.trace.push(`${label} starts as ${context.id}`);
      this.#shielded.push(context);
      for (const action of during) this.perform(action, context);
      return end(context);
    };
    const work = isFunction
      ? fn
      : new Promise((resolve) => {
          resolve(end());
        });
    this.#watch(label, this.scheduler.shield(work, this.#signalOf(signal)));
  }

  #end(label: string, ends: string, end: Promise<unknown> | undefined): unknown {
    switch (ends) {
      case 'returns':
        return `value of ${label}`;
      case 'throws':
        throw this.#named(`error of ${label}`);
      case 'resolves':
        return Promise.resolve(`value of ${label}`);
      case 'thenable':
        return twice(end as Promise<unknown>);
      default:
        return end;
    }
  }

  #open(list: Open[], label: string, context?: JobContext): Promise<unknown> {
    const { promise, resolve, reject } = deferred<unknown>();
    promise.catch(() => undefined);
    list.push({ label, context, resolve, reject });
    return promise;
  }

  #settle(list: Open[], pick: number, how: Settlement): Open[] {
    const open = list[pick % list.length];
    if (open === undefined) return list;
    const { label, context } = open;
    if (how === 'value') open.resolve(`value of ${label}`);
    else if (how === 'reason' && context?.signal.aborted) open.reject(context.signal.reason);
    else open.reject(this.#named(`${how} of ${label}`, how));
    return list.filter((other) => other !== open);
  }

  #abort(index: number): void {
    const controller = this.#signals[index] as AbortController;
    if (controller.signal.aborted) this.#signals[index] = new AbortController();
    else controller.abort(this.#named(`abort ${this.#calls}`));
  }

  #signalOf(index: number | undefined): { signal?: AbortSignal } {
    return index === undefined ? {} : { signal: (this.#signals[index] as AbortController).signal };
  }

  #meet(job: Job): string {
    this.#jobs.set(job.id, job);
    return `job ${job.id}`;
  }

  #watch(what: string, promise: Promise<unknown>): void {
    this.#calls += 1;
    const name = `${what} (call ${this.#calls})`;
    // What a closed scheduler shields is followed, for as long as it takes.
    if (!what.startsWith('shield') || !this.scheduler.closed) this.#unsettled.add(name);
    const settled = (outcome: string): void => {
      this.#unsettled.delete(name);
      this.results.push(`${name}: ${outcome}`);
    };
    promise.then(
      (value) => settled(this.#describe(value)),
      (error: unknown) => settled(`rejects ${this.#describe(error)}`),
    );
  }

  /** An error that is recognized by its identity. */
  #named(name: string, kind?: Settlement): Error {
    const error = new Error(name);
    if (kind === 'abort error') error.name = 'AbortError';
    this.#names.set(error, name);
    return error;
  }

  #describe(value: unknown): string {
    const name = this.#names.get(value);
    if (name !== undefined) return name;
    if (typeof value !== 'object' || value === null) return String(value);
    if ('neverStarted' in value) return describeReport(value as DrainReport);
    const { code, cause } = value as { code?: unknown; cause?: unknown };
    if (code === 'ERR_JOB_CANCELLED' && cause !== undefined) {
      return `cancelled by ${this.#describe(cause)}`;
    }
    return String(code);
  }
}

function at<T>(list: readonly T[], pick: number): T | undefined {
  return list[pick % list.length];
}

function describeReport(report: DrainReport): string {
  const { completed, failed, cancelled, neverStarted, abandoned, shields } = report;
  return `${completed} completed, ${failed} failed, cancelled [${ids(cancelled)}], neverStarted [${ids(neverStarted)}], abandoned [${ids(abandoned)}], ${shields} shields`;
}

function ids(jobs: readonly Job[]): string {
  return jobs
    .map((job) => job.id)
    .toSorted((a, b) => a - b)
    .join();
}

/** A thenable that settles its follower again and again. */
function twice(promise: Promise<unknown>): PromiseLike<unknown> {
  const thenable = {
    // oxlint-disable-next-line unicorn/no-thenable -- a thenable is what is tested
    then(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
      const both = (value: unknown): void => {
        resolve(value);
        reject(new Error('settled again'));
        resolve('settled again');
      };
      promise.then(both, (error: unknown) => {
        reject(error);
        both('settled again');
      });
    },
  };
  return thenable as unknown as PromiseLike<unknown>;
}
