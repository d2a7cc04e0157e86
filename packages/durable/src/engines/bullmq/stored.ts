import type { StoredError, StoredJob, StoredJobState } from '../../stored-job.ts';
import { diedRun } from '../lost-jobs.ts';
import { cancelledSet, fields } from './scripts.ts';

/** What the script `readJob` finds: where a job is, its score there, and its fields with their values. */
export type Found = readonly [place: string, score: string, hash: readonly string[]];

/** The score of a delayed job is its time times this (https://github.com/taskforcesh/bullmq/blob/master/src/commands/includes/getDelayedScore.lua). */
const delayFactor = 0x10_00;

export function toStored(
  { name, id }: { readonly name: string; readonly id: string },
  [place, score, flat]: Found,
): StoredJob {
  const hash = new Map<string, string>();
  for (let index = 0; index < flat.length; index += 2) {
    hash.set(flat[index] ?? '', flat[index + 1] ?? '');
  }
  const attempt = attemptOf(hash, place);
  const due = place === 'delayed' ? Math.floor(Number(score) / delayFactor) : 0;
  const isDue = due <= Date.now();
  const state = stateOf(place, attempt, isDue);
  const error = state === 'completed' ? undefined : errorOf(hash, state);
  return {
    id,
    name,
    state,
    attempt,
    payload: parse(hash.get('data')),
    ...(state === 'completed' && resultOf(hash)),
    ...(error !== undefined && { error }),
    ...(hash.has('progress') && { progress: parse(hash.get('progress')) }),
    createdAt: Number(hash.get('timestamp')) || 0,
    ...(attempt > 0 && hash.has('processedOn') && { startedAt: Number(hash.get('processedOn')) }),
    ...(hash.has('finishedOn') && { endedAt: Number(hash.get('finishedOn')) }),
    ...(!isDue && { runAt: due }),
    ...(attempt > 0 && hash.has('pb') && { process: hash.get('pb') }),
  };
}

function stateOf(place: string, attempt: number, isDue: boolean): StoredJobState {
  switch (place) {
    case 'completed':
    case 'failed':
      return place;
    case cancelledSet:
      return 'cancelled';
    case 'active':
      return 'running';
    default:
      if (attempt > 0) return 'retrying';
      return isDue ? 'waiting' : 'delayed';
  }
}

/** BullMQ counts failures, and apart from them how often a lock ran out. */
function attemptOf(hash: ReadonlyMap<string, string>, place: string): number {
  const runs = Number(hash.get('atm') ?? 0) + Number(hash.get('stc') ?? 0);
  if (place === 'active') return runs + 1;
  // The death of the last run is found by a claim, which counts too.
  const isOver = place === 'failed' || place === cancelledSet;
  return isOver ? Number(hash.get(fields.attempt) ?? runs) : runs;
}

function resultOf(hash: ReadonlyMap<string, string>): { readonly result?: unknown } {
  const result = parse(hash.get('returnvalue'));
  return result === undefined || (result === null && !hash.has(fields.null)) ? {} : { result };
}

function errorOf(
  hash: ReadonlyMap<string, string>,
  state: StoredJobState,
): StoredError | undefined {
  const error = parse(hash.get(fields.error));
  if (error !== undefined) return error as StoredError;
  const message = hash.get('failedReason');
  if (message !== undefined) return { name: 'Error', message };
  if (state !== 'retrying') return undefined;
  const died = diedRun();
  return { name: died.name, message: died.message };
}

/** The JSON of a field; what is none, of a job that is none of ours, stays as it is. */
function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
