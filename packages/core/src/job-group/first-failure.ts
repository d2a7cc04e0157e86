import { markHandled } from '../job/outcome.ts';
import type { JobRecord } from '../job/record.ts';

/** Calls what is registered for a group that nobody holds any more. */
const dropped = new FinalizationRegistry<() => void>((report) => {
  report();
});

/** Who gives failures to the exception handler. */
interface Reporter {
  report(job: JobRecord, error: unknown): void;
}

/** The first failure of a group, which those get who ask the group; the exception handler if nobody does. */
export class FirstFailure {
  readonly #group: object;
  readonly #reporter: Reporter;
  /** An error of `undefined` is one too. */
  #thrown: { readonly error: unknown } | undefined;
  /** While nobody has heard of it. */
  #report: (() => void) | undefined;

  constructor(group: object, reporter: Reporter) {
    this.#group = group;
    this.#reporter = reporter;
  }

  /**
   * @param isAwaited - whether anybody waits for the group at the moment
   * @returns whether it is the first
   */
  note(job: JobRecord, error: unknown, isAwaited: boolean): boolean {
    if (this.#thrown !== undefined) return false;
    this.#thrown = { error };
    if (!isAwaited && job.waiters === 0) {
      const reporter = this.#reporter;
      this.#report = () => {
        // But for the group itself, which is no caller.
        if (job.waiters === 1) reporter.report(job, error);
      };
      dropped.register(this.#group, this.#report, this.#group);
    }
    markHandled(job);
    return true;
  }

  /** Somebody hears of it. */
  claim(): void {
    dropped.unregister(this.#group);
    this.#report = undefined;
  }

  throwIfAny(): void {
    this.claim();
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }

  /** Nobody has asked for it, and nobody is going to. */
  report(): void {
    this.#report?.();
    this.claim();
  }
}
