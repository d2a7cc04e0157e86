import type { Headers } from './headers.ts';

/** A job on loan to this process. */
export interface Lease {
  /** Of the stored job, the same in every run. */
  readonly id: string;
  /** One of those that were asked for. */
  readonly name: string;
  /** As it was stored. */
  readonly payload: unknown;
  /** What was stored beside the payload. */
  readonly headers?: Headers | undefined;
  /** 1 for the first run. */
  readonly attempt: number;
  /** The runs that the job may have, this one included. @defaultValue as the definition in this process says */
  readonly attempts?: number | undefined;
  /**
   * Time in ms that this lease lasts without a renewal: another version of the program may have stored the job with
   * another one. @defaultValue as the definition in this process says
   */
  readonly leaseTime?: number | undefined;
  /** The backend's own mark of this very claim. */
  readonly ref: unknown;
}
