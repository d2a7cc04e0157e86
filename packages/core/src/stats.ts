/** What {@link Scheduler.stats} gives. `spawned` is `completed + failed + cancelled + pending + active + closing`. */
export interface SchedulerStats {
  /** Jobs accepted since the scheduler was made. */
  readonly spawned: number;
  /** Of those, the jobs whose function has been called. */
  readonly started: number;
  /** Further calls of their functions, by `retry`. */
  readonly retried: number;
  /** Jobs that gave a result. */
  readonly completed: number;
  /** Jobs that failed. */
  readonly failed: number;
  /** Jobs that were cancelled, whether they had begun or not. */
  readonly cancelled: number;
  /** Calls of `spawn()` and `spawnNow()` that made no job: no room, closed, an aborted `signal`. */
  readonly refused: number;
  /** Jobs that wait now: for a slot, their key, their `after`, the next attempt. */
  readonly pending: number;
  /** Jobs that run now and were not cancelled. */
  readonly active: number;
  /** Jobs that were cancelled, and whose function has not settled. */
  readonly closing: number;
  /** Shielded work that has not settled. */
  readonly shields: number;
  /** ms since the oldest pending job was spawned; `undefined` if none is pending. */
  readonly oldestPendingAge: number | undefined;
  /** ms since the function was called that runs longest, a cancelled one included; `undefined` if none runs. */
  readonly oldestActiveAge: number | undefined;
}
