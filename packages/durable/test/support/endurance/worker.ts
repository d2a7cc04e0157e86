import { setTimeout as sleep } from 'node:timers/promises';
import { type DurableJobContext, openJobs, pgliteBackend } from '@outlive/durable';
import { backendOf } from '../backend-of.ts';
import { type Crash, Crasher, crashing } from './crash.ts';
import { type Entry, Log, write } from './log.ts';
import { storeTasks } from './store-tasks.ts';
import { jobsOf, type Task, type Tick, type Version } from './versions.ts';

// A process of an application that runs jobs, and writes what it does to a log.

/** Its only argument. */
export interface EnduranceOptions {
  /** A URL, or a directory for PGlite. */
  readonly store: string;
  readonly space: string;
  readonly log: string;
  readonly version: Version;
  readonly crash?: Crash;
  /** So many tasks a second are stored by this process itself, after those that the log says are stored. */
  readonly produces?: number | undefined;
}

const { store, space, log, version, crash, produces }: EnduranceOptions = JSON.parse(
  process.argv[2] ?? '{}',
);
const crasher = new Crasher(crash);

function note(what: Entry['what'], job: string, more: Partial<Entry> = {}): void {
  write(log, { what, job, attempt: 0, pid: process.pid, version, at: Date.now(), ...more });
}

/** What all runs write. */
async function run(job: string, context: DurableJobContext, work: () => Promise<void>) {
  const { id, attempt, signal } = context;
  note('start', job, { id, attempt });
  crasher.pass('in handler');
  try {
    await work();
    note('end', job, { attempt });
  } catch (error) {
    note(signal.aborted ? 'abort' : 'fail', job, { attempt, text: String(error) });
    throw error;
  }
}

const { task, tick } = jobsOf(version, {
  task: async ({ n }, context) =>
    run(`task ${n}`, context, async () => {
      await sleep(50 + ((n * 37) % 300), undefined, { signal: context.signal });
      if (n % 7 === 0 && context.attempt === 1) throw new Error('fails once');
      if (n % 10 === 0 && n < 1e6) await storeTasks(await opening, task, [n + 1e6]);
    }),
  tick: async ({ of, due = 0 }, context) => run(`${of} ${due}`, context, async () => {}),
});

function jobOf(payload: unknown): string {
  const { n, of, due } = payload as Partial<Task & Tick>;
  return of === undefined ? `task ${n}` : `${of} ${due}`;
}

const inner = store.includes('://') ? backendOf(store, space) : pgliteBackend({ directory: store });
const opening = openJobs({
  jobs: [task, tick],
  backend: crashing(inner, crasher, { settled: (payload) => note('settled', jobOf(payload)) }),
  limit: 10,
  exceptionHandler: ({ message, exception }) => {
    const text = `${message}: ${String(exception)}`;
    if (!text.includes('fails once')) note('report', '', { text });
  },
});
let isEnding = false;
process.once('SIGTERM', () => {
  isEnding = true;
  void opening
    .then(async (jobs) => jobs.waitAndClose({ timeout: 100 }))
    .then(() => process.disconnect());
});
void opening.then(async (jobs) => {
  process.send?.('ready');
  if (produces === undefined) return;
  for (let n = new Log(log).jobs('stored').size; ; n += 1) {
    await sleep(1_000 / produces);
    if (isEnding) return;
    await storeTasks(jobs, task, [n]);
    note('stored', `task ${n}`);
  }
});
