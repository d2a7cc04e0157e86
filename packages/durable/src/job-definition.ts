import type { Spawnable, SpawnTarget } from '@outlive/core';
import type { JobHandler } from './job-context.ts';
import type { ResolvedDefinitionOptions } from './job-definition-options.ts';

/** A kind of job, made by {@link defineJob}. `I` is the payload that it takes. */
export interface DefinedJob<I = unknown> extends Spawnable<[payload: I], Promise<string>> {
  /** What the store knows it by. */
  readonly name: string;
  /**
   * What a request's `spawn(request, job, payload)` calls: stores the job where the scheduler has a store, else runs it here.
   *
   * @returns the id of the stored job
   * @throws {@link JobPayloadError}, {@link JobNotStoredError} or `SchedulerClosedError` (rejects)
   */
  // A property, since methods would take payloads of narrower types too.
  readonly spawnOn: (target: SpawnTarget, payload: I) => Promise<string>;
}

/** A kind of job with all that it takes to run it. */
export interface JobDefinition extends DefinedJob<never> {
  readonly handler: JobHandler<unknown>;
  readonly options: ResolvedDefinitionOptions;
  /** Where it was defined; only under debug. */
  readonly sourceStack: string | undefined;
}
