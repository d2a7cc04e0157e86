import type { Group } from '../group.ts';
import { JobRecord } from '../job/record.ts';
import { Settlement } from '../job/settlement.ts';
import { noJobOptions } from '../options.ts';

const noop = (): void => {};

/**
 * A job that never runs. V8 throws away the code that it has compiled for objects of some shape when a full
 * garbage collection finds none of them alive, since optimized code refers to shapes weakly: one that stays alive
 * keeps the code (https://github.com/v8/v8/blob/main/src/objects/code-inl.h, `IsWeakObjectInOptimizedCode`).
 */
export function shapeAnchor(owner: Group): JobRecord {
  const job = new JobRecord(owner, noop, noJobOptions, undefined);
  // Without a promise, which would keep the async context of now.
  job.settlement = new Settlement(undefined as never, noop, noop);
  return job;
}
