import type { JobRecord } from '../job/record.ts';
import { start } from '../job/start.ts';
import { sharedContext, SpawnContext } from './spawn-context.ts';

/** Which AsyncLocalStorage context the jobs of one pool see: that of their own `spawn()` call, or one for all. */
export class JobContexts {
  readonly areShared: boolean;
  readonly #shared: (() => SpawnContext) | undefined;

  constructor(kind: 'caller' | 'scheduler') {
    this.areShared = kind === 'scheduler';
    this.#shared = this.areShared ? sharedContext() : undefined;
  }

  /** Remembers the context of now, for a job that starts later. */
  keep(job: JobRecord): void {
    job.context ??= this.capture();
  }

  /** The context of now, for a later call; none where all jobs see the same. */
  capture(): SpawnContext | undefined {
    return this.#shared === undefined ? new SpawnContext() : undefined;
  }

  /** Starts the job in its context, where it is not in it already. */
  run(job: JobRecord): void {
    const context = job.context ?? this.#shared?.();
    job.context = undefined;
    // Not through a closure, which would be one more thing to allocate for each job.
    context?.runInAsyncScope(start, undefined, job);
  }

  /** Calls back in the context that the job is to start in. */
  within(job: JobRecord, callback: () => void): void {
    const context = job.context ?? this.#shared?.();
    job.context = undefined;
    if (context === undefined) callback();
    else context.runInAsyncScope(callback);
  }
}
