import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineJob, openJobs, postgresBackend } from '@outlive/durable';

// A process of its own: runs jobs and writes down what it does, one JSON per line, so that nothing of it
// is lost when it is killed.

/** What the test tells it, as its only argument. */
export interface WorkerOptions {
  readonly store: string;
  readonly log: string;
  readonly limit: number;
  /** Grace in ms from SIGTERM on. */
  readonly timeout: number;
  /** Of PostgreSQL. */
  readonly queryTimeout?: number;
}

/** One line of the log. */
export interface LogLine {
  readonly what: 'start' | 'end' | 'abort' | 'told';
  readonly n: number;
  readonly attempt: number;
  readonly pid: number;
  readonly at: number;
  readonly why: string;
}

/** What a job does: it takes so many ms, and may be deaf to its signal. */
export interface Task {
  readonly n: number;
  readonly ms: number;
  readonly deaf?: boolean;
  /** Number of a job that it stores at its end. */
  readonly next?: number;
}

const { store, log, limit, timeout, queryTimeout }: WorkerOptions = JSON.parse(
  process.argv[2] ?? '{}',
);

function write(what: LogLine['what'], n: number, attempt: number, why = ''): void {
  const line: LogLine = { what, n, attempt, pid: process.pid, at: Date.now(), why };
  appendFileSync(log, `${JSON.stringify(line)}\n`);
}

const task = defineJob(
  'task',
  async ({ n, ms, deaf = false, next }: Task, { signal, attempt }) => {
    write('start', n, attempt);
    signal.addEventListener('abort', () => write('abort', n, attempt, String(signal.reason)));
    await sleep(ms, undefined, deaf ? {} : { signal });
    if (next !== undefined) await (await opening).enqueue(task, { n: next, ms: 0 });
    write('end', n, attempt);
  },
  { retries: 50, backoff: 0, leaseTime: 10_000 },
);

const opening = openJobs({
  jobs: [task],
  ...(queryTimeout === undefined
    ? { store }
    : { backend: postgresBackend({ connectionString: store, queryTimeout }) }),
  limit,
  exceptionHandler: ({ message, exception }) =>
    write('told', 0, 0, `${message}: ${String(exception)}`),
});
process.once('SIGTERM', () => {
  void opening
    .then(async (jobs) => jobs.waitAndClose({ timeout }))
    .then(() => process.disconnect());
});
void opening.then(() => process.send?.('ready'));
