import type { Job } from '@outlive/core';
import { type JobRecord, requestOf } from '@outlive/core/internal';
import type { ShownJob } from '../wire.ts';
import { shownLine } from './shown-text.ts';

/** Characters that are shown. */
const longestName = 200;
const longestUrl = 300;
const longestFrame = 300;

export function shownName(name: string | undefined): string {
  return name === undefined ? '' : shownLine(name, longestName);
}

/** Method and URL of the request that a job was spawned for. */
export function requestLine(job: Job): string | null {
  const request = requestOf(job);
  if (request === undefined) return null;
  const { method, originalUrl, url } = request as Record<string, unknown>;
  return shownLine(`${String(method)} ${String(originalUrl ?? url)}`, longestUrl);
}

/** A job as a row of the table. Times are epoch ms of this process. */
export function shownJob(job: JobRecord, source: number): ShownJob {
  return {
    source,
    id: job.id,
    name: shownName(job.name),
    state: job.state as ShownJob['state'],
    spawnedAt: job.spawnedAt,
    startedAt: job.startedAt ?? null,
    attempt: job.attempt,
    request: requestLine(job),
    spawnedBy: spawnLine(job.extras?.sourceStack),
  };
}

/** The line that spawned it, under debug. */
function spawnLine(stack: string | undefined): string | null {
  if (stack === undefined) return null;
  const [first = ''] = stack.trimStart().split('\n', 1);
  return shownLine(first.replace(/^at /, ''), longestFrame);
}
