import type { DefinedJob, DurableJobContext, Schedule } from '@outlive/durable';
import { defineJob } from '@outlive/durable';

// An application in three versions, of which the later ones have renamed a job and changed its lease, its limit and the
// schedules of another.

/** The payload of a task. */
export interface Task {
  readonly n: number;
}

/** The payload of a tick, which has come due at `due` by the schedule `of`. */
export interface Tick {
  readonly of: string;
  readonly due?: number;
}

export type Version = 1 | 2 | 3;

/** The two jobs of a version. */
export interface Jobs {
  readonly task: DefinedJob<Task>;
  readonly tick: DefinedJob<Tick>;
}

export interface Handlers {
  readonly task: (task: Task, context: DurableJobContext) => Promise<void>;
  readonly tick: (tick: Tick, context: DurableJobContext) => Promise<void>;
}

/** Every so many seconds. */
function every(seconds: number, of: string): Schedule<Tick> {
  return { cron: `*/${seconds} * * * * *`, payload: { of } };
}

const before = [every(1, 'kept'), every(2, 'removed'), every(2, 'changed')];
const after = [every(1, 'kept'), every(3, 'changed'), every(2, 'added')];

const shared = { retries: 50, backoff: 100 };

const changes = {
  1: { name: 'import', leaseTime: 10_000, limit: 8, schedule: before },
  2: { name: 'load', aliases: ['import'], leaseTime: 15_000, limit: 4, schedule: after },
  3: { name: 'load', aliases: ['import'], leaseTime: 10_000, limit: 6, schedule: after },
};

/** So many tasks run at once in a process of this version. */
export function limitOf(version: Version): number {
  return changes[version].limit;
}

/** Time in ms for which a process of this version has a task. */
export function leaseTimeOf(version: Version): number {
  return changes[version].leaseTime;
}

/** What this version calls a task. */
export function nameOf(version: Version): string {
  return changes[version].name;
}

/** In seconds between two due times, whichever version it is of. */
export const intervals: Readonly<Record<string, readonly number[]>> = {
  kept: [1],
  removed: [2],
  changed: [2, 3],
  added: [2],
};

export function jobsOf(version: Version, handlers: Handlers): Jobs {
  const { name, schedule, ...options } = changes[version];
  return {
    task: defineJob(name, handlers.task, { ...shared, ...options }),
    tick: defineJob('tick', handlers.tick, { ...shared, leaseTime: 10_000, schedule }),
  };
}
