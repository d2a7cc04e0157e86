/** How many jobs of one name a store holds. */
export interface Depth {
  /** Waiting for a process, or for their time to come. */
  readonly ready: number;
  /** On loan. */
  readonly active: number;
  /** Failed for good. */
  readonly failed: number;
  /** There, and `true`, while no process starts jobs of this name: between `jobs.pause(name)` and `jobs.resume(name)`. */
  readonly paused?: true | undefined;
}
