/** A job on loan to this process. */
export interface Lease {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
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
