import type { Job, JobContext } from '../job.ts';
import type { JobRecord } from '../job/record.ts';
import type { JobGroup } from './job-group.ts';

/** One call of `map()`: takes items while fewer than `limit` are under way, or have results that were not given yet. */
export class Mapping<T, R> {
  readonly #group: JobGroup;
  readonly #fn: (item: T, job: JobContext) => R | PromiseLike<R>;
  readonly #limit: number;
  readonly #ordered: boolean;
  /** In the order in which their results are given: that of their items, or of their ends. */
  readonly #jobs: Job<R>[] = [];
  /** Items under way, and those whose results have not been given. */
  #taken = 0;
  /** Nothing is taken any more. */
  #over = false;
  /** The source is being asked for an item. */
  #asking = false;
  /** What the source has thrown. */
  #thrown: { readonly error: unknown } | undefined;
  #onChange: (() => void) | undefined;
  #onRoom: (() => void) | undefined;

  constructor(
    group: JobGroup,
    fn: (item: T, job: JobContext) => R | PromiseLike<R>,
    limit: number,
    ordered: boolean,
  ) {
    this.#group = group;
    this.#fn = fn;
    this.#limit = limit;
    this.#ordered = ordered;
  }

  async *results(source: AsyncIterable<T> | Iterable<T>): AsyncGenerator<R, void, undefined> {
    const { signal } = this.#group;
    signal.addEventListener('abort', this.#changed);
    const filled = this.#fill(source);
    let hasFailed = false;
    try {
      for (let job = await this.#next(); job !== undefined; job = await this.#next()) {
        if (job.outcome === 'completed') yield await job.wait();
        else if (signal.aborted) break;
      }
      if (this.#thrown === undefined) await this.#group.wait();
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      this.#over = true;
      this.#onRoom?.();
      await this.#group.close();
      // A source that is asked for an item may never give one.
      if (!this.#asking) await filled;
      if (!hasFailed) this.#throwThrown();
    }
  }

  /** The next job that has ended; none when all have, or the group is cancelled. */
  async #next(): Promise<Job<R> | undefined> {
    for (;;) {
      const [job] = this.#jobs;
      if (job?.closed === true) {
        this.#jobs.shift();
        this.#taken -= 1;
        this.#onRoom?.();
        return job;
      }
      if (this.#group.signal.aborted || (this.#over && this.#taken === 0)) return undefined;
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }

  readonly #changed = (): void => {
    this.#onChange?.();
  };

  async #fill(source: AsyncIterable<T> | Iterable<T>): Promise<void> {
    try {
      this.#asking = true;
      for await (const item of source) {
        this.#asking = false;
        if (this.#over || !(await this.#spawn(item))) break;
        while (this.#taken >= this.#limit && !this.#over) {
          await new Promise<void>((resolve) => {
            this.#onRoom = resolve;
          });
        }
        if (this.#over) break;
        this.#asking = true;
      }
    } catch (error) {
      this.#thrown = { error };
    }
    this.#asking = false;
    this.#over = true;
    this.#changed();
  }

  /** Gives whether the group still takes jobs; it tells itself why not. */
  async #spawn(item: T): Promise<boolean> {
    let job: Job<R>;
    try {
      job = await this.#group.spawn((context) => this.#fn(item, context));
    } catch (error) {
      if (this.#group.signal.aborted) return false;
      throw error;
    }
    this.#taken += 1;
    if (this.#ordered) this.#jobs.push(job);
    (job as JobRecord<R>).whenClosed(() => {
      if (!this.#ordered) this.#jobs.push(job);
      this.#changed();
    });
    return true;
  }

  #throwThrown(): void {
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }
}
