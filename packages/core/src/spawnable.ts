import type { Group } from './group.ts';
import type { Scheduler } from './scheduler.ts';

/** What a request's `spawn()` takes besides a function: it knows itself what spawning it means. */
export interface Spawnable<A extends unknown[] = never, R = unknown> {
  spawnOn(scheduler: Scheduler, group: Group | undefined, ...args: A): R;
}

export function isSpawnable(value: unknown): value is Spawnable {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Spawnable>).spawnOn === 'function'
  );
}
