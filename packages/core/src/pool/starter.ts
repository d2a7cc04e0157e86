import type { JobRecord } from '../job/record.ts';
import { start } from '../job/start.ts';
import { armTimeout } from '../job/timeout.ts';
import { SpawnContext } from './spawn-context.ts';
import type { StartRate } from './start-rate.ts';

// Every so many starts the oldest job is taken whatever its priority, so that none starves.
const fairEvery = 16;

/** Calls the functions of jobs, each in its own context. */
export class Starter {
  /** How often it may. */
  rate: StartRate | undefined = undefined;
  /** Gives the context that all jobs see, if they do not see that of their spawner. */
  readonly #sharedContext: (() => SpawnContext) | undefined;
  #starts = 0;

  constructor(sharedContext: (() => SpawnContext) | undefined) {
    this.#sharedContext = sharedContext;
  }

  /** Whether the next start is the oldest job's. */
  get isTurnOfOldest(): boolean {
    return (this.#starts + 1) % fairEvery === 0;
  }

  start(job: JobRecord, now: number): void {
    this.#starts += 1;
    job.phase = 'active';
    job.startTime = now;
    const { timeout } = job.options;
    if (timeout !== Infinity) armTimeout(job, timeout);
    const { rate } = this;
    if (rate === undefined) this.#call(job);
    else {
      const called = rate.calling();
      this.#call(job);
      rate.called(called);
    }
  }

  /** Of a job that cannot start in the call that spawns it. */
  keepContext(job: JobRecord): void {
    if (this.#sharedContext === undefined) job.context ??= new SpawnContext();
  }

  #call(job: JobRecord): void {
    const context = job.context ?? this.#sharedContext?.();
    if (context === undefined) start(job);
    else {
      job.context = undefined;
      // Not through a closure, which would be one more thing to allocate for each job.
      context.runInAsyncScope(start, undefined, job);
    }
  }
}
