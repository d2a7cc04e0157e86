import { SchedulerError } from '@outlive/core';

/** The payload is not one that every backend can carry, or not what the job's schema allows. */
export class JobPayloadError extends SchedulerError {
  override readonly name: string = 'JobPayloadError';
  readonly code = 'ERR_JOB_PAYLOAD';
  /** What the schema found; empty where the payload itself cannot be carried. */
  readonly issues: readonly SchemaIssue[];

  constructor(message: string, options?: ErrorOptions & { issues?: readonly SchemaIssue[] }) {
    super(message, options);
    this.issues = options?.issues ?? [];
  }
}

/** One thing that a Standard Schema validator has found. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * The job could not be stored, or it is not known whether it was: its `cause` is what the engine said.
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
 * The reason of a job's signal when its lease could not be renewed in time: another process may be running
 * the job already, and what this one still does is not recorded.
 */
export class LeaseLostError extends SchedulerError {
  override readonly name: string = 'LeaseLostError';
  readonly code = 'ERR_LEASE_LOST';

  constructor(message = 'The lease of the job is lost', options?: ErrorOptions) {
    super(message, options);
  }
}

/** A backend cannot work here: its engine is not installed, of the wrong version, or wants a newer Node. */
export class EngineMissingError extends SchedulerError {
  override readonly name: string = 'EngineMissingError';
  readonly code = 'ERR_ENGINE_MISSING';
}

/** Another process works on the directory of an embedded store: two would destroy each other's jobs. */
export class StoreLockedError extends SchedulerError {
  override readonly name: string = 'StoreLockedError';
  readonly code = 'ERR_STORE_LOCKED';
  /** The process that has it. */
  readonly pid: number;

  constructor(message: string, pid: number, options?: ErrorOptions) {
    super(message, options);
    this.pid = pid;
  }
}
