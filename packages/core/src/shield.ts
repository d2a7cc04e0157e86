import type { Group } from './group.ts';
import type { JobContext, JobFunction } from './job.ts';
import type { Cancellation } from './job/cancellation.ts';
import { generatorError, isGenerator } from './job/generator.ts';
import { Context } from './util/context.ts';
import { atEndOfTurn } from './util/end-of-turn.ts';
import { type Follower, follow } from './util/follow.ts';
import { newController } from './util/new-controller.ts';
import { type Deferred, type ObservedPromise, observedDeferred } from './util/observed-promise.ts';
import { onAbort } from './util/on-abort.ts';
import { printedAs, writtenAs } from './util/printed-as.ts';

/** What a shield needs of those that it is one of. */
export interface ShieldHost {
  /** The work has settled. */
  ended(shield: Shield): void;
  /** The work has failed, and nobody awaits it. */
  failed(error: unknown): void;
  /** Nobody will await it: what was handed out is rejected. */
  givenUp(shield: Shield): void;
}

/**
 * Work that must not be cut off. The promise handed out follows it until its caller, or the end of
 * the scheduler, gives up on it; the work itself is followed to its end.
 */
export class Shield implements JobContext, Follower {
  readonly id: number;
  readonly name = undefined;
  readonly attempt = 1;
  readonly owner: Group;
  closed = false;
  /** The promise that is followed, if that is all that the work is. */
  work: Promise<unknown> | undefined = undefined;
  readonly #host: ShieldHost;
  /** Nothing any more once the caller has given up: the work may go on for long. */
  #handedOut: Deferred<unknown, ObservedPromise<unknown>> | undefined = observedDeferred();
  /** Of the `shield()` call, where nothing else keeps it. */
  #context: Context | undefined = undefined;
  #stopListening: (() => void) | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #cancellation: Cancellation | undefined = undefined;

  static {
    printedAs(Shield.prototype, ({ id, closed }) => {
      return { title: 'Shield', short: `${id}`, shown: { id, closed } };
    });
    writtenAs(Shield.prototype, ({ id, closed }) => ({ id, closed }));
  }

  constructor(owner: Group, id: number, host: ShieldHost) {
    this.owner = owner;
    this.id = id;
    this.#host = host;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = newController();
      if (this.#cancellation !== undefined) this.#controller.abort(this.#cancellation.reason);
    }
    return this.#controller.signal;
  }

  get drainSignal(): AbortSignal {
    return this.owner.host.drainSignal;
  }

  /** Begins to follow the work, and gives the promise to hand out. */
  begin(
    work: Promise<unknown> | JobFunction<unknown>,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const { promise } = this.#handedOut as Deferred<unknown>;
    if (typeof work === 'function') this.#run(work);
    else if (signal === undefined) this.#follow(work);
    else this.#followLoosely(work);
    if (signal !== undefined) this.#giveUpOn(signal);
    return promise;
  }

  /** Rejects what was handed out; the work goes on. */
  abandon(reason: unknown): void {
    const handedOut = this.#handedOut;
    if (handedOut === undefined) return;
    this.#handedOut = undefined;
    this.#context = undefined;
    this.#stopListening?.();
    this.#stopListening = undefined;
    handedOut.reject(reason);
    if (!this.closed) this.#host.givenUp(this);
  }

  cancel(cancellation: Cancellation): void {
    this.#cancellation ??= cancellation;
    this.#controller?.abort(cancellation.reason);
  }

  onFulfilled(value: unknown): void {
    this.#end();
    this.#handedOut?.resolve(value);
  }

  onRejected(error: unknown): void {
    this.#end();
    if (this.#context === undefined) this.#fail(error);
    else {
      this.#context.runInAsyncScope(() => {
        this.#fail(error);
      });
    }
  }

  #run(work: JobFunction<unknown>): void {
    const running = new Promise((resolve) => {
      resolve(work(this));
    });
    void running.then(
      (value) => {
        if (isGenerator(value)) this.onRejected(generatorError());
        else this.onFulfilled(value);
      },
      (error: unknown) => {
        this.onRejected(error);
      },
    );
  }

  /** As `await` does, whatever `then` of its own the promise may have. */
  #follow(work: Promise<unknown>): void {
    void Promise.prototype.then.call(
      work,
      (value) => {
        this.onFulfilled(value);
      },
      (error: unknown) => {
        this.onRejected(error);
      },
    );
  }

  /** So that, once given up, nothing of the call can be reached from the work. */
  #followLoosely(work: Promise<unknown>): void {
    this.work = work;
    this.#context = new Context('OutliveShield');
    follow(work, this);
  }

  #giveUpOn(signal: AbortSignal): void {
    const giveUp = (): void => {
      this.abandon(signal.reason);
    };
    if (signal.aborted) giveUp();
    else this.#stopListening = onAbort(signal, giveUp);
  }

  #end(): void {
    this.#stopListening?.();
    this.closed = true;
    this.#host.ended(this);
  }

  #fail(error: unknown): void {
    const handedOut = this.#handedOut;
    handedOut?.reject(error);
    if (this.#cancellation?.explains(error) === true) return;
    atEndOfTurn(() => {
      if (handedOut?.promise.observed !== true) this.#host.failed(error);
    });
  }
}
