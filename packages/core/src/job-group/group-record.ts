import { JobCancelledError, JobTimeoutError, withoutStack } from '../errors.ts';
import type { Group } from '../group.ts';
import type { Job, JobFunction } from '../job.ts';
import { Cancellation } from '../job/cancellation.ts';
import type { JobTeam } from '../job/extras.ts';
import type { JobRecord } from '../job/record.ts';
import { extend } from '../job/settle.ts';
import { type JobOptions, resolveJobOptions } from '../options.ts';
import type { Pool } from '../pool/pool.ts';
import { checkJobFunction } from '../util/check.ts';
import { checkOptions } from '../util/check-options.ts';
import { abortWith } from '../util/abort-with.ts';
import { newController } from '../util/new-controller.ts';
import { type Deferred, deferred, handled } from '../util/observed-promise.ts';
import { onAbort } from '../util/on-abort.ts';
import { printedAs } from '../util/printed-as.ts';
import { FirstFailure } from './first-failure.ts';
import type { JobGroup } from './job-group.ts';
import type { ResolvedGroupOptions } from './options.ts';
import { Places } from './places.ts';
import { Results } from './results.ts';

const closeOptionNames = { reason: true } as const;

/** The one object that a group is: what its caller holds, and what its jobs are part of. */
export class GroupRecord implements JobGroup, JobTeam<JobRecord> {
  readonly name: string | undefined;
  readonly #pool: Pool;
  readonly #owner: Group | undefined;
  readonly #origin: unknown;
  readonly #options: ResolvedGroupOptions;
  readonly #places: Places;
  /** What cancels the group as well. */
  readonly #sources: readonly AbortSignal[];
  readonly #jobs = new Set<JobRecord>();
  readonly #results = new Results();
  /** Of the time in which there are jobs: resolved with the last. */
  #whenEmpty: Deferred<void> | undefined;
  /** Stop listening to what cancels the group as well. */
  #unlink: (() => void)[] = [];
  #cancellation: Cancellation | undefined;
  #closed = false;
  #controller: AbortController | undefined;
  readonly #failure: FirstFailure;
  /** Calls that wait for the end of all jobs. */
  #waiters = 0;

  static {
    printedAs(GroupRecord.prototype, ({ name, size, signal }) => ({
      title: 'JobGroup',
      short: name ?? '',
      shown: { name, size, cancelled: signal.aborted },
    }));
  }

  /**
   * @param owner - of which server's requests, if of one's
   * @param origin - noted of each job
   */
  constructor(
    pool: Pool,
    options: ResolvedGroupOptions,
    owner: Group | undefined,
    origin: unknown,
  ) {
    this.#pool = pool;
    this.#failure = new FirstFailure(this, pool.failures);
    this.#origin = origin;
    this.#options = options;
    this.#owner = options.inside === undefined ? owner : (options.inside.owner as Group);
    this.#places = new Places(options.limit);
    this.#sources = [options.signal, options.inside?.signal].filter((each) => each !== undefined);
    this.name = options.name;
  }

  get size(): number {
    return this.#jobs.size;
  }

  get inside(): boolean {
    return this.#options.inside !== undefined;
  }

  get signal(): AbortSignal {
    this.#noticeAbort();
    if (this.#controller === undefined) {
      this.#controller = newController();
      if (this.#cancellation !== undefined) this.#controller.abort(this.#cancellation.reason);
      // The group itself listens only while it has jobs.
      else for (const source of this.#sources) abortWith(this.#controller, source);
    }
    return this.#controller.signal;
  }

  get isFull(): boolean {
    return this.#places.isFull;
  }

  spawn<T>(fn: JobFunction<T>, options?: JobOptions): Promise<Job<T>> {
    checkJobFunction('fn', fn);
    const resolved = resolveJobOptions(options);
    const refusal = this.#refusal();
    if (refusal !== undefined)
      return this.#pool.failures.refused(this.#pool.events.refused(refusal, resolved, fn));
    if (!this.inside) return this.#pool.spawn(fn, resolved, this.#owner, this);
    // Never waits for room: a job that waits for the group would wait for jobs that wait for it.
    try {
      return Promise.resolve(this.#pool.spawnNow(fn, resolved, this.#owner, true, this));
    } catch (error) {
      return this.#pool.failures.refused(error);
    }
  }

  spawnNow<T>(fn: JobFunction<T>, options?: JobOptions): Job<T> {
    checkJobFunction('fn', fn);
    const resolved = resolveJobOptions(options);
    const refusal = this.#refusal();
    if (refusal !== undefined) throw this.#pool.events.refused(refusal, resolved, fn);
    return this.#pool.spawnNow(fn, resolved, this.#owner, this.inside, this);
  }

  wait(): Promise<void> {
    this.#results.drop();
    return handled(this.#wait());
  }

  async close(options?: { reason?: unknown }): Promise<void> {
    const { reason } = checkOptions('options', options, closeOptionNames);
    this.#closed = true;
    this.#cancel(
      new Cancellation(reason ?? withoutStack(() => new JobCancelledError('The group was closed'))),
    );
    await this.#whenEmpty?.promise;
    this.#failure.report();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    this.#waiters += 1;
    try {
      yield* this.#results.until(() => this.size === 0);
    } finally {
      this.#waiters -= 1;
    }
    this.#throwFailure();
  }

  enter(job: JobRecord): void {
    job.extend().origin = this.#origin;
    this.#jobs.add(job);
    if (this.#jobs.size === 1) this.#begin();
  }

  admits(job: JobRecord): boolean {
    return this.#places.take(job);
  }

  postponed(job: JobRecord): void {
    const next = this.#places.leave(job);
    if (next !== undefined) this.#pool.slots.unblock(next);
  }

  ended(job: JobRecord): void {
    this.#jobs.delete(job);
    if (job.phase === 'completed') this.#results.add(job.work);
    else this.#notice(job);
    this.postponed(job);
    if (this.#jobs.size === 0) this.#end();
  }

  #begin(): void {
    this.#whenEmpty = deferred();
    const { inside } = this.#options;
    if (inside !== undefined) extend(inside, this.#whenEmpty.promise);
    this.#unlink = this.#sources.map((source) =>
      onAbort(source, () => {
        this.#noticeAbort();
      }),
    );
  }

  /** Has no job any more. */
  #end(): void {
    for (const unlink of this.#unlink) unlink();
    this.#whenEmpty?.resolve();
    this.#whenEmpty = undefined;
    this.#results.changed();
  }

  /** Without jobs it listens to nothing. */
  #noticeAbort(): void {
    const aborted = this.#sources.find((source) => source.aborted);
    if (aborted !== undefined) this.#cancel(new Cancellation(aborted.reason));
  }

  #cancel(cancellation: Cancellation): void {
    if (this.#cancellation !== undefined) return;
    this.#cancellation = cancellation;
    // Else the end of one could let another start that is to be cancelled as well.
    this.#pool.slots.fillAfter(() => {
      for (const job of this.#jobs) this.#pool.cancel(job, cancellation);
    });
    this.#controller?.abort(cancellation.reason);
  }

  /** A job has failed, or was cancelled. */
  #notice(job: JobRecord): void {
    const { cancellation } = job;
    if (cancellation?.isShutdown === true && this.#cancellation === undefined) {
      this.#cancellation = cancellation;
      this.#controller?.abort(cancellation.reason);
    }
    const timedOut = cancellation?.reason instanceof JobTimeoutError;
    if (!timedOut && job.phase !== 'failed') return;
    const { error } = job;
    if (!this.#failure.note(job, error, this.#waiters > 0) || !this.#options.failFast) return;
    const why = 'Another job of the group has failed';
    this.#cancel(
      new Cancellation(withoutStack(() => new JobCancelledError(why, { cause: error }))),
    );
  }

  async #wait(): Promise<void> {
    this.#waiters += 1;
    while (this.#jobs.size > 0) await this.#whenEmpty?.promise;
    this.#waiters -= 1;
    this.#throwFailure();
  }

  /** Why nothing more is accepted. */
  #refusal(): JobCancelledError | undefined {
    this.#noticeAbort();
    if (this.#cancellation !== undefined) {
      // The failure, if there was one, is the cause of the cause.
      this.#failure.claim();
      return this.#cancellation.error;
    }
    if (this.#options.inside?.active !== false) return undefined;
    return new JobCancelledError('The job that the group is inside is not running');
  }

  #throwFailure(): void {
    this.#failure.throwIfAny();
    this.#noticeAbort();
    if (this.#cancellation !== undefined && !this.#closed) throw this.#cancellation.error;
  }
}
