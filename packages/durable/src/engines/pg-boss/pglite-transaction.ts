import { deferred } from '@outlive/core/internal';
import { JobStoreError } from '../../errors.ts';
import { parsed, type QueryOptions, type Result, rowOptions } from './pglite-rows.ts';
import type { PgliteThread } from './pglite-thread.ts';

/** Time in ms between two looks whether it rests. */
const interval = 500;

/**
 * A transaction of PGlite, which has one connection: all others wait for its end. One that asks nothing for a long time
 * while they do is rolled back: a call inside it that is not given its `tx` waits for itself, and for ever, as would then
 * every other call of the process.
 */
export class PgliteTransaction {
  readonly #thread: PgliteThread;
  readonly #id: number;
  #underWay = 0;
  /** Time in ms. */
  #rested = 0;

  private constructor(thread: PgliteThread, id: number) {
    this.#thread = thread;
    this.#id = id;
  }

  static async begin(thread: PgliteThread): Promise<PgliteTransaction> {
    return new PgliteTransaction(thread, (await thread.call({ kind: 'begin' })) as number);
  }

  async query<T>(
    text: string,
    values: readonly unknown[] | undefined,
    options: QueryOptions | undefined,
  ): Promise<Result<T>> {
    const call = {
      kind: 'query',
      text,
      values,
      options: rowOptions(options),
      tx: this.#id,
    } as const;
    this.#underWay += 1;
    this.#rested = 0;
    try {
      return parsed<T>(await this.#thread.call(call), options);
    } finally {
      this.#underWay -= 1;
    }
  }

  /**
   * Commits when `work` resolves, and else rolls back.
   *
   * @param longestRest - time in ms
   */
  async run<T>(work: () => Promise<T>, longestRest: number): Promise<T> {
    const rests = deferred<never>();
    const timer = setInterval(() => {
      this.#rested = this.#isWaitedFor ? this.#rested + interval : 0;
      if (this.#rested >= longestRest) rests.reject(tooLong(longestRest));
    }, interval).unref();
    try {
      const result = await Promise.race([work(), rests.promise]);
      await this.#thread.call({ kind: 'commit', tx: this.#id });
      return result;
    } catch (error) {
      await this.#thread.call({ kind: 'rollback', tx: this.#id }).catch(() => undefined);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  /** Whether nothing of its own is under way, but something of others. */
  get #isWaitedFor(): boolean {
    return this.#underWay === 0 && this.#thread.isAsked;
  }
}

function tooLong(rest: number): JobStoreError {
  return new JobStoreError(
    `The transaction was rolled back: it asked nothing for ${rest} ms while others waited for its end. PGlite has one ` +
      'connection: give `tx` to every call inside, and do slow work before or after it',
  );
}
