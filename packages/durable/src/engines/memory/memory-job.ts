import type { JobSpec, KeepRule, Lease } from '../../backend.ts';
import { isEnd, type StoredError, type StoredJob, type StoredJobState } from '../../stored-job.ts';
import { thisProcess } from '../this-process.ts';
import type { Headers } from '../../headers.ts';
import { newJobId } from '../../new-job-id.ts';

/** Where a job is; the public states follow from it. */
type Phase = 'ready' | 'active' | 'completed' | 'failed' | 'cancelled';

export interface MemoryJob {
  readonly id: string;
  readonly spec: JobSpec;
  /** As JSON, so that every run gets a copy. */
  payload: string;
  key: string | undefined;
  priority: number;
  readonly headers: Headers | undefined;
  /** Which jobs `perKey` counts together. */
  readonly group: string | undefined;
  /** Epoch ms, as the other times. */
  readonly createdAt: number;
  phase: Phase;
  attempt: number;
  readyAt: number;
  leasedUntil: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** As JSON; `undefined` for none. */
  result: string | undefined;
  progress: string | undefined;
  error: StoredError | undefined;
  /** Whether it is to end although it runs. */
  cancelRequested: boolean;
  process: string | undefined;
  /** The claim that holds it. */
  ref: object | undefined;
}

export function newJob(
  spec: JobSpec,
  job: Pick<MemoryJob, 'payload' | 'headers' | 'key' | 'priority' | 'group'> & {
    readonly delay: number;
  },
  now: number,
): MemoryJob {
  const { delay, ...given } = job;
  return {
    ...given,
    id: newJobId(),
    spec,
    createdAt: now,
    phase: 'ready',
    attempt: 0,
    readyAt: now + delay,
    leasedUntil: 0,
    startedAt: undefined,
    endedAt: undefined,
    result: undefined,
    progress: undefined,
    error: undefined,
    cancelRequested: false,
    process: undefined,
    ref: undefined,
  };
}

export function lend(job: MemoryJob, now: number): Lease {
  const ref = {};
  job.ref = ref;
  job.phase = 'active';
  job.attempt += 1;
  job.startedAt = now;
  job.process = thisProcess;
  job.leasedUntil = now + job.spec.leaseTime;
  const { id, spec, payload, headers, attempt } = job;
  const { name, retries, leaseTime } = spec;
  return {
    id,
    name,
    payload: JSON.parse(payload),
    headers,
    attempt,
    attempts: retries + 1,
    leaseTime,
    ref,
  };
}

/** Leaves a job to its next attempt, if there is any left. */
export function endAttempt(
  job: MemoryJob,
  error: StoredError,
  now: number,
  delay: number = job.spec.backoff * 2 ** (job.attempt - 1),
): void {
  job.error = error;
  if (job.cancelRequested) end(job, 'cancelled', now);
  else if (job.attempt > job.spec.retries) end(job, 'failed', now);
  else {
    job.ref = undefined;
    job.phase = 'ready';
    job.readyAt = now + delay;
  }
}

export function end(job: MemoryJob, phase: Phase, now: number): void {
  job.ref = undefined;
  job.phase = phase;
  job.endedAt = now;
}

/** Lets a job that has ended begin anew. */
export function beginAnew(job: MemoryJob): void {
  Object.assign(job, {
    phase: 'ready',
    attempt: 0,
    readyAt: 0,
    startedAt: undefined,
    endedAt: undefined,
    error: undefined,
    progress: undefined,
    cancelRequested: false,
    process: undefined,
  });
}

/** Which rule says how long a job is kept; none for one that has not ended. */
export function keepRule({ phase, spec: { keep } }: MemoryJob): KeepRule | undefined {
  if (phase === 'completed') return keep.completed;
  return phase === 'failed' || phase === 'cancelled' ? keep.failed : undefined;
}

export function stateOf({ phase, attempt, readyAt }: MemoryJob, now: number): StoredJobState {
  if (phase === 'active') return 'running';
  if (phase !== 'ready') return phase;
  if (attempt > 0) return 'retrying';
  return readyAt > now ? 'delayed' : 'waiting';
}

export function toStored(job: MemoryJob, now: number): StoredJob {
  const { id, spec, attempt, createdAt, startedAt, endedAt, readyAt, error, process } = job;
  const state = stateOf(job, now);
  return {
    id,
    name: spec.name,
    state,
    attempt,
    payload: JSON.parse(job.payload),
    ...(job.result !== undefined && { result: JSON.parse(job.result) as unknown }),
    ...(error !== undefined && state !== 'completed' && { error }),
    ...(job.progress !== undefined && { progress: JSON.parse(job.progress) as unknown }),
    createdAt,
    ...(attempt > 0 && startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && isEnd(state) && { endedAt }),
    ...(job.phase === 'ready' && readyAt > now && { runAt: readyAt }),
    ...(attempt > 0 && process !== undefined && { process }),
  };
}
