import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, openJobs } from '@outlive/durable';
import { backendOf } from './backend-of.ts';

// A process that runs jobs, and writes what it does to a log, one JSON per line, so that no line is lost
// when it is killed.

/** Its only argument. */
export interface WorkerOptions {
  readonly store: string;
  readonly log: string;
  readonly limit: number;
  /** Grace in ms from SIGTERM on. */
  readonly timeout: number;
  /** Its own jobs, apart from the others in the same store. */
  readonly space?: string;
  /** Time in ms for one statement. */
  readonly queryTimeout?: number;
}

/** One line of the log. */
export interface LogLine {
  readonly what: 'start' | 'end' | 'abort' | 'report';
  readonly n: number;
  readonly attempt: number;
  readonly pid: number;
  readonly at: number;
  readonly why: string;
}

/** The payload of a job. */
export interface Task {
  readonly n: number;
  /** How long it takes. */
  readonly ms: number;
  /** It ignores its signal. */
  readonly deaf?: boolean;
  /** The first attempt that takes no time. */
  readonly quickFrom?: number;
  /** Time in ms that it blocks the event loop in its first run. */
  readonly blocks?: number;
  /** The number of a job that it stores at its end. */
  readonly next?: number;
}

const { store, log, limit, timeout, space, queryTimeout }: WorkerOptions = JSON.parse(
  process.argv[2] ?? '{}',
);

function write(what: LogLine['what'], n: number, attempt: number, why = ''): void {
  const line: LogLine = { what, n, attempt, pid: process.pid, at: Date.now(), why };
  appendFileSync(log, `${JSON.stringify(line)}\n`);
}

const task = defineJob(
  'task',
  async (
    { n, ms, deaf = false, quickFrom = Infinity, blocks = 0, next }: Task,
    { signal, attempt },
  ) => {
    write('start', n, attempt);
    signal.addEventListener('abort', () => write('abort', n, attempt, String(signal.reason)));
    const until = performance.now() + (attempt === 1 ? blocks : 0);
    while (performance.now() < until);
    if (attempt < quickFrom) await sleep(ms, undefined, deaf ? {} : { signal });
    if (next !== undefined) await (await opening).enqueue(task, { n: next, ms: 0 });
    write('end', n, attempt);
  },
  { retries: 50, backoff: 0, leaseTime: 10_000 },
);

const opening = openJobs({
  jobs: [task],
  ...(store.includes('://') ? { backend: backendOf(store, space, queryTimeout) } : { store }),
  limit,
  exceptionHandler: ({ message, exception }) =>
    write('report', 0, 0, `${message}: ${String(exception)}`),
});
process.once('SIGTERM', () => {
  void opening
    .then(async (jobs) => jobs.waitAndClose({ timeout }))
    .then(() => process.disconnect());
});
void opening.then(() => process.send?.('ready'));
