import type { Entry } from './log.ts';
import { intervals, leaseTimeOf, limitOf, nameOf } from './versions.ts';

/** One run of a job. */
interface Run {
  readonly job: string;
  readonly start: Entry;
  /** Its end, failure or abort; `undefined` if its process was killed first. */
  over: Entry | undefined;
  /** Whether the store has acknowledged its end. */
  isSettled: boolean;
}

/** What the test has done to the processes and the store. */
export interface Events {
  /** When each killed process had ended, in epoch ms, by its pid. */
  readonly killed: ReadonlyMap<number, number>;
  /** Whether at least one process ran at any time. */
  readonly isContinuous: boolean;
  /** Times in epoch ms from when to when the store was down. */
  readonly outages: readonly (readonly [number, number])[];
}

/** What came of it: `faults` is empty if every promise was kept. */
export interface Verdict {
  readonly faults: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Time in ms that the store takes to acknowledge the end of a job, on a busy machine. */
const acknowledgement = 2_000;
/** Time in ms after an outage in which processes connect again, and those that start then take what they missed for lost. */
const recovery = 5_000;

/**
 * @param tasks - the numbers of all tasks that were stored
 * @param until - in epoch ms: schedules are judged up to then
 */
export function judge(
  entries: readonly Entry[],
  tasks: readonly number[],
  events: Events,
  until: number,
): Verdict {
  const runs = runsOf(entries);
  const faults: string[] = [];
  for (const n of tasks) {
    const own = runs.get(`task ${n}`) ?? [];
    if (!own.some(({ over }) => over?.what === 'end')) faults.push(`task ${n} was lost`);
  }
  const why = { killed: 0, failed: 0, 'handed back': 0, 'cut off': 0 };
  for (const [job, all] of runs) {
    const ids = new Set(all.map(({ start }) => start.id));
    if (ids.size > timesStored(job, runs)) faults.push(`${job} was stored ${ids.size} times`);
    for (const id of ids) {
      const own = all.filter(({ start }) => start.id === id);
      for (const [index, run] of own.slice(0, -1).entries()) {
        const next = own[index + 1];
        const reason = reasonOf(run, events);
        if (reason === undefined || next === undefined)
          faults.push(`${job} ran twice: ${JSON.stringify(own)}`);
        else why[reason] += 1;
        const end = run.over?.at ?? events.killed.get(run.start.pid) ?? Infinity;
        if (next !== undefined && next.start.at < end)
          faults.push(`${job} ran beside itself: ${JSON.stringify(own)}`);
      }
    }
  }
  faults.push(...beyondLimits(entries));
  const due = dueTimes(runs, until);
  for (const [of, times] of due) faults.push(...gaps(of, times, events));
  for (const [job, own] of runs) {
    const [of = '', time] = job.split(' ');
    if (of !== 'task' && Number(time) < until && !own.some(({ over }) => over?.what === 'end'))
      faults.push(`${job} was lost`);
  }
  const all = [...runs.values()].flat();
  return {
    faults,
    counts: {
      'tasks stored': tasks.length,
      'tasks ended': tasks.filter((n) =>
        runs.get(`task ${n}`)?.some(({ over }) => over?.what === 'end'),
      ).length,
      runs: all.length,
      'runs again, since the process was killed': why.killed,
      'runs again, since the handler threw': why.failed,
      'runs again, since the process was ended': why['handed back'],
      'runs again, since the store was down for as long as a lease': why['cut off'],
      ...Object.fromEntries(
        [...due].map(([of, times]) => [`due times of '${of}', each run once`, times.length]),
      ),
      'processes killed': events.killed.size,
      'restarts of the store': events.outages.length,
    },
  };
}

/**
 * How often a job may have been stored. A key is one of a name: a task that runs again after a deploy has changed its name
 * stores the one that follows once more.
 */
function timesStored(job: string, runs: ReadonlyMap<string, readonly Run[]>): number {
  const [, n] = job.split(' ');
  const before = runs.get(`task ${Number(n) - 1e6}`) ?? [];
  return Math.max(1, new Set(before.map(({ start }) => nameOf(start.version))).size);
}

function runsOf(entries: readonly Entry[]): Map<string, Run[]> {
  const runs = new Map<string, Run[]>();
  for (const entry of entries) {
    const { what, job, pid } = entry;
    if (what === 'report' || what === 'stored') continue;
    const own = runs.get(job) ?? [];
    runs.set(job, own);
    if (what === 'start') own.push({ job, start: entry, over: undefined, isSettled: false });
    else {
      const run = own.findLast(({ start }) => start.pid === pid);
      if (run === undefined) throw new Error(`no run for ${JSON.stringify(entry)}`);
      if (what === 'settled') run.isSettled = true;
      else run.over = entry;
    }
  }
  return runs;
}

/** Why a run was not the last of its job; `undefined` if there is no good reason. */
function reasonOf(
  { start, over, isSettled }: Run,
  { killed, outages }: Events,
): 'killed' | 'failed' | 'handed back' | 'cut off' | undefined {
  if (isSettled) return undefined;
  if (over?.what === 'fail') return 'failed';
  if (over?.what === 'abort') return 'handed back';
  if (killed.has(start.pid)) return 'killed';
  // A lease that was renewed a while ago does not last for a whole one.
  const longest = leaseTimeOf(start.version) / 2;
  const end = over?.at ?? Infinity;
  const isCutOff = outages.some(
    ([from, to]) => to - from > longest && start.at < to && end > from - acknowledgement,
  );
  return isCutOff ? 'cut off' : undefined;
}

/** More tasks at once in a process than the limit of its version. */
function beyondLimits(entries: readonly Entry[]): string[] {
  const faults: string[] = [];
  const running = new Map<number, Set<string>>();
  for (const { what, job, pid, version } of entries) {
    if (!job.startsWith('task ')) continue;
    const own = running.get(pid) ?? new Set();
    running.set(pid, own);
    if (what === 'start') own.add(job);
    else if (what !== 'settled' && what !== 'stored') own.delete(job);
    if (own.size > limitOf(version))
      faults.push(`${own.size} tasks at once in a process of version ${version}`);
  }
  return faults;
}

/** When the jobs of each schedule were due, in epoch ms. */
function dueTimes(runs: ReadonlyMap<string, readonly Run[]>, until: number): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const job of runs.keys()) {
    const [of = '', due] = job.split(' ');
    if (of === 'task' || Number(due) >= until) continue;
    times.set(of, [...(times.get(of) ?? []), Number(due)]);
  }
  return new Map([...times].map(([of, own]) => [of, own.toSorted((a, b) => a - b)]));
}

/** Due times that were left out, but for those in an outage. */
function gaps(of: string, times: readonly number[], { isContinuous, outages }: Events): string[] {
  if (!isContinuous) return [];
  const longest = Math.max(...(intervals[of] ?? []));
  // Where a deploy has changed it, the time counts from then on.
  const most = 1_000 * (intervals[of]?.length === 1 ? longest : longest + 2);
  return times.flatMap((time, index) => {
    const last = times[index - 1] ?? time;
    if (time - last <= most) return [];
    if (outages.some(([from, to]) => last < to + recovery && time > from)) return [];
    return [`'${of}' has missed its times between ${last} and ${time}`];
  });
}
