import type { JobRecord } from '../job/record.ts';
import type { StoredJobInfo } from './payloads.ts';

/** Where a job comes from, as the package that spawned it knows. */
export interface JobOrigin {
  /** The raw request. */
  readonly request?: object | undefined;
  readonly stored?: StoredJobInfo | undefined;
}

/** What says so: what a job is to run, or has run. */
interface Work {
  readonly kind?: 'atomic';
  readonly origin?: JobOrigin;
  /** Of a job that is tried again. */
  readonly fn?: Work;
}

/** What the events of a job say of it. */
export interface JobFacts {
  readonly kind: 'function' | 'atomic' | 'durable';
  readonly request: object | undefined;
  readonly stored: StoredJobInfo | undefined;
}

export function factsOf({ extras, work, phase }: JobRecord): JobFacts {
  const isOver = phase === 'completed' || phase === 'failed' || phase === 'cancelled';
  const { kind, request, stored } = factsOfWork(extras?.ran ?? (isOver ? undefined : work));
  const origin = extras?.origin as JobOrigin | undefined;
  return {
    kind: (stored ?? origin?.stored) === undefined ? kind : 'durable',
    request: request ?? origin?.request,
    stored: stored ?? origin?.stored,
  };
}

export function factsOfWork(work: unknown): JobFacts {
  const { kind = 'function', origin, fn } = (work ?? {}) as Work;
  const { request, stored } = origin ?? fn?.origin ?? {};
  return { kind: stored === undefined ? kind : 'durable', request, stored };
}

/** The raw request that a live job was spawned for, if it was. */
export function requestOf(job: object): object | undefined {
  return factsOf(job as JobRecord).request;
}
