import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type {
  DurableEnqueueEventOf,
  DurableRunEventOf,
  DurableSettleEventOf,
  DurableStoreEventOf,
  JobCancelEventOf,
  JobEventOf,
  JobRefuseEventOf,
  JobRetryEventOf,
  JobSettleEventOf,
  JobStartEventOf,
  SchedulerCloseEventOf,
  SchedulerDrainEventOf,
  SchedulerStallEventOf,
} from './events/payloads.ts';
import type { Scheduler } from './scheduler.ts';
import { checkFunction } from './util/check.ts';
import { expected } from './util/expected.ts';
import { nearest } from './util/nearest.ts';

/** A scheduler has accepted a job: published once for each, before it starts. */
export type JobSpawnEvent = JobEventOf<Scheduler>;
/** A function is about to be called: once for each attempt. */
export type JobStartEvent = JobStartEventOf<Scheduler>;
/** A job is over: exactly once for each that was spawned. */
export type JobSettleEvent = JobSettleEventOf<Scheduler>;
/** A job was cancelled: at most once for each. */
export type JobCancelEvent = JobCancelEventOf<Scheduler>;
/** A `spawn()` made no job. */
export type JobRefuseEvent = JobRefuseEventOf<Scheduler>;
/** An attempt has failed, and another one is to come. */
export type JobRetryEvent = JobRetryEventOf<Scheduler>;
/** A drain begins. */
export type SchedulerDrainEvent = SchedulerDrainEventOf<Scheduler>;
/** A scheduler accepts nothing any more. */
export type SchedulerCloseEvent = SchedulerCloseEventOf<Scheduler>;
/** Every slot is taken, jobs are pending, and none has settled for `stallTimeout`: once until one does. */
export type SchedulerStallEvent = SchedulerStallEventOf<Scheduler>;
/** This process is about to store a job: subscribers may add `headers`, such as a trace context. */
export type DurableStoreEvent = DurableStoreEventOf<Scheduler>;
/** A job has been stored by this process. */
export type DurableEnqueueEvent = DurableEnqueueEventOf<Scheduler>;
/** This process has claimed a job from its store, and is about to run it. */
export type DurableClaimEvent = DurableRunEventOf<Scheduler>;
/** The end of a run has been recorded in the store. */
export type DurableSettleEvent = DurableSettleEventOf<Scheduler>;
/** This process has given a job back to its store, for any process to run: no attempt is spent. */
export type DurableHandbackEvent = DurableRunEventOf<Scheduler>;

/** The `node:diagnostics_channel` channels by name, with what they carry. */
export interface OutliveEvents {
  /** A job is accepted. */
  'outlive:job:spawn': JobSpawnEvent;
  /** A function is about to be called. */
  'outlive:job:start': JobStartEvent;
  /** A job is over. */
  'outlive:job:settle': JobSettleEvent;
  /** A job is cancelled. */
  'outlive:job:cancel': JobCancelEvent;
  /** A call made no job. */
  'outlive:job:refuse': JobRefuseEvent;
  /** An attempt has failed, and another one is to come. */
  'outlive:job:retry': JobRetryEvent;
  /** A drain begins. */
  'outlive:scheduler:drain': SchedulerDrainEvent;
  /** Nothing is accepted any more. */
  'outlive:scheduler:close': SchedulerCloseEvent;
  /** All slots are taken by jobs that do not end. */
  'outlive:scheduler:stall': SchedulerStallEvent;
  /** A job is about to be stored. */
  'outlive:durable:store': DurableStoreEvent;
  /** A job has been stored. */
  'outlive:durable:enqueue': DurableEnqueueEvent;
  /** A stored job has been claimed. */
  'outlive:durable:claim': DurableClaimEvent;
  /** The end of a run is recorded in the store. */
  'outlive:durable:settle': DurableSettleEvent;
  /** A job was given back to its store. */
  'outlive:durable:handback': DurableHandbackEvent;
}

const channels: Readonly<Record<keyof OutliveEvents, true>> = {
  'outlive:job:spawn': true,
  'outlive:job:start': true,
  'outlive:job:settle': true,
  'outlive:job:cancel': true,
  'outlive:job:refuse': true,
  'outlive:job:retry': true,
  'outlive:scheduler:drain': true,
  'outlive:scheduler:close': true,
  'outlive:scheduler:stall': true,
  'outlive:durable:store': true,
  'outlive:durable:enqueue': true,
  'outlive:durable:claim': true,
  'outlive:durable:settle': true,
  'outlive:durable:handback': true,
};

/**
 * `subscribe()` of `node:diagnostics_channel` with types: calls back at every event of all schedulers of the process.
 * What the callback throws is printed, and disturbs nothing.
 *
 * @returns what ends the subscription
 * @throws TypeError for a channel that there is not, or anything but a function
 * @example
 * ```ts
 * import { observe, Scheduler } from '@outlive/core';
 *
 * const stop = observe('outlive:job:settle', ({ job, outcome, run }) => {
 *   console.log(job.name, outcome, run);
 * });
 * await new Scheduler().spawn(() => 42, { name: 'answer' }); // answer completed 0
 * stop();
 * ```
 */
export function observe<K extends keyof OutliveEvents>(
  channel: K,
  listener: (event: OutliveEvents[K]) => void,
): () => void {
  if (!Object.hasOwn(channels, channel)) {
    const meant = nearest(channel, Object.keys(channels));
    const hint = meant === undefined ? '' : `. Did you mean '${meant}'?`;
    throw new TypeError(expected('channel', 'one of OutliveEvents', channel) + hint);
  }
  checkFunction('listener', listener);
  const subscriber = (event: unknown): void => {
    listener(event as OutliveEvents[K]);
  };
  subscribe(channel, subscriber);
  return () => {
    unsubscribe(channel, subscriber);
  };
}
