import type { Job, JobFunction } from './job.ts';
import type { JobOptions } from './options.ts';
import type { Scheduler } from './scheduler.ts';

/** Where the jobs of a request go: its scheduler, narrowed to what the request's server waits for. */
export interface SpawnTarget {
  /** The whole scheduler of the request. */
  readonly scheduler: Scheduler;
  /** As `Scheduler.spawn()`. */
  spawn<T>(fn: JobFunction<T>, options?: JobOptions): Promise<Job<T>>;
  /** As `Scheduler.shield()`. */
  shield<T>(
    work: PromiseLike<T> | JobFunction<T>,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<T>;
}

/** What a request's `spawn()` takes besides a function: it defines itself what to spawn means. */
export interface Spawnable<A extends unknown[] = never, R = unknown> {
  /** What `spawn(request, job, ...args)` returns. */
  spawnOn(target: SpawnTarget, ...args: A): R;
}

export function isSpawnable(value: unknown): value is Spawnable {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Spawnable>).spawnOn === 'function'
  );
}
