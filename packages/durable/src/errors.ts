import { SchedulerError } from '@outlive/core';
import type { SchemaIssue } from './payload/standard-schema.ts';

/** Some store could not keep the payload, or the job's schema does not allow it. */
export class JobPayloadError extends SchedulerError {
  override readonly name: string = 'JobPayloadError';
  readonly code = 'ERR_JOB_PAYLOAD';
  /** What is wrong, by its path in the payload: the schema's objections, or what no store could keep. */
  readonly issues: readonly SchemaIssue[];

  constructor(message: string, options?: ErrorOptions & { issues?: readonly SchemaIssue[] }) {
    super(message, options);
    this.issues = options?.issues ?? [];
  }
}

/**
 * The job could not be stored, or nobody knows whether it was: the engine's error is the `cause`.
 * With a transaction of your own, nothing is stored unless that commits.
 */
export class JobNotStoredError extends SchedulerError {
  override readonly name: string = 'JobNotStoredError';
  readonly code = 'ERR_JOB_NOT_STORED';

  constructor(message = 'The job could not be stored', options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * The store could not be opened, or did not answer: the message names it, without its password, and the engine's error is
 * the `cause`.
 */
export class JobStoreError extends SchedulerError {
  override readonly name: string = 'JobStoreError';
  readonly code = 'ERR_JOB_STORE';
}

/** A stored job failed for good without a run that could say so: its process died in the last one, or it is none of Outlive's. */
export class JobFailedError extends SchedulerError {
  override readonly name: string = 'JobFailedError';
  readonly code = 'ERR_JOB_FAILED';
}

/**
 * For handlers to throw: the job fails for good, whatever retries are left, since another run would fail as well.
 *
 * @example
 * ```ts
 * import { defineJob, NonRetryableError } from '@outlive/durable';
 *
 * const charge = defineJob('charge', ({ card }: { card: string }) => {
 *   if (card === 'stolen') throw new NonRetryableError('The card was refused');
 * });
 * console.log(charge.name); // charge
 * ```
 */
export class NonRetryableError extends SchedulerError {
  override readonly name: string = 'NonRetryableError';
  readonly code = 'ERR_NON_RETRYABLE';
}

/**
 * The reason of a job's signal when its lease could not be renewed in time: another process may be running
 * the job already, and the outcome of this run is not recorded.
 */
export class LeaseLostError extends SchedulerError {
  override readonly name: string = 'LeaseLostError';
  readonly code = 'ERR_LEASE_LOST';

  constructor(message = 'The lease of the job is lost', options?: ErrorOptions) {
    super(message, options);
  }
}

/** A store cannot work here: its engine is not installed, is of the wrong version, or needs a newer Node or Redis. */
export class EngineMissingError extends SchedulerError {
  override readonly name: string = 'EngineMissingError';
  readonly code = 'ERR_ENGINE_MISSING';
}

/** Another process works on the directory of an embedded store: two would destroy each other's jobs. */
export class StoreLockedError extends SchedulerError {
  override readonly name: string = 'StoreLockedError';
  readonly code = 'ERR_STORE_LOCKED';
  /** The process that holds the directory. */
  readonly pid: number;

  constructor(message: string, pid: number, options?: ErrorOptions) {
    super(message, options);
    this.pid = pid;
  }
}

/**
 * The store cannot do what was asked for: `store` and `feature` say which and what. Nothing has changed. A TypeError, thrown at
 * the call as those for bad options.
 */
export class UnsupportedError extends TypeError {
  override readonly name: string = 'UnsupportedError';
  readonly code = 'ERR_UNSUPPORTED';
  /** What the store is called: its address, never its password. */
  readonly store: string;
  /** What it cannot do: `rate`. */
  readonly feature: string;

  constructor(store: string, feature: string, options?: ErrorOptions) {
    const others = feature === 'tx' ? ' (a transaction of yours): PGlite and PostgreSQL do' : '';
    super(`${store} does not support ${feature}${others}`, options);
    this.store = store;
    this.feature = feature;
  }
}

/** No job with this id is in the store: there never was one, or it was deleted after the time that it is kept. */
export class JobNotFoundError extends SchedulerError {
  override readonly name: string = 'JobNotFoundError';
  readonly code = 'ERR_JOB_NOT_FOUND';
}

/** Reported: what a handler returned cannot be kept as its job's `result`. The job is completed all the same. */
export class JobResultError extends SchedulerError {
  override readonly name: string = 'JobResultError';
  readonly code = 'ERR_JOB_RESULT';
}
