import { shownError } from '../live/shown-error.ts';
import { fieldOf, printed, shownLine, shownText } from '../live/shown-text.ts';
import type { ResolvedOptions } from '../options.ts';
import type { ShownStore, ShownStoredJob } from '../wire.ts';
import type { JobStore, StoredJob } from './job-store.ts';

/** Jobs of each kind that are shown. */
const mostJobs = 50;
/** Characters that are shown. */
const longestName = 200;
const longestId = 100;
const longestPayload = 4_000;
const longestProcess = 100;
const longestProblem = 500;

const nothing: Omit<ShownStore, 'problem'> = {
  depths: [],
  running: null,
  failed: null,
  hasMoreFailed: false,
};

/** What a store holds; never rejects. */
export async function shownStore(store: JobStore, options: ResolvedOptions): Promise<ShownStore> {
  try {
    const [depths, running, failed] = await Promise.all([
      store.depth(),
      store.list?.({ state: 'running', limit: mostJobs }),
      store.list?.({ state: 'failed', limit: mostJobs }),
    ]);
    const shown = (jobs: readonly StoredJob[] | undefined): ShownStoredJob[] | null =>
      jobs?.map((job) => shownStoredJob(job, options)) ?? null;
    return {
      problem: null,
      depths: Object.entries(depths).map(([name, depth]) => ({
        name: shownLine(name, longestName),
        ready: depth.ready,
        active: depth.active,
        failed: depth.failed,
        paused: depth.paused === true,
      })),
      running: shown(running?.jobs),
      failed: shown(failed?.jobs),
      hasMoreFailed: failed?.next !== undefined,
    };
  } catch (error) {
    const message = fieldOf(error, 'message');
    const problem = typeof message === 'string' ? message : printed(error, longestProblem);
    return { ...nothing, problem: shownText(problem, longestProblem) };
  }
}

function shownStoredJob(job: StoredJob, { showPayload }: ResolvedOptions): ShownStoredJob {
  const { id, name, attempt, createdAt, startedAt, endedAt, process, error } = job;
  return {
    id: shownLine(id, longestId),
    name: shownLine(name, longestName),
    attempt,
    createdAt,
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
    process: process === undefined ? null : shownLine(process, longestProcess),
    error: error === undefined ? null : shownError(error),
    payload: showPayload === undefined ? null : payloadOf(job, showPayload),
  };
}

function payloadOf(
  { id, name, payload }: StoredJob,
  showPayload: NonNullable<ResolvedOptions['showPayload']>,
): string {
  try {
    const shown = showPayload(payload, { id, name });
    const text = JSON.stringify(shown, undefined, 2) as string | undefined;
    return shownText(text ?? 'undefined', longestPayload);
  } catch {
    return '(not shown: `redact` has failed)';
  }
}
