import type { Headers } from './headers.ts';

/** A job to store. */
export interface NewJob {
  /** One of the names that the backend was opened with. */
  readonly name: string;
  /** JSON, as `JSON.parse` makes it. */
  readonly payload: unknown;
  /** While a job of the same name and key waits or runs, no second one is stored. */
  readonly key?: string | undefined;
  /** Time in ms: instead, no second one is stored within it, whatever becomes of the job. */
  readonly window?: number | undefined;
  /**
   * Whether a job with the key that waits becomes this one, with the id that it has. One that runs leaves its key to this one.
   */
  readonly replace?: boolean | undefined;
  /** What is stored beside the payload, for what watches the jobs: few and short. */
  readonly headers?: Headers | undefined;
  /** Jobs of one group, of a name with `perKey`, run one after another. */
  readonly group?: string | undefined;
  /** Time in ms before which it is not lent out. @defaultValue `0` */
  readonly delay?: number | undefined;
  /** A whole number from -1,000 to 1,000, the larger first. @defaultValue `0` */
  readonly priority?: number | undefined;
}
