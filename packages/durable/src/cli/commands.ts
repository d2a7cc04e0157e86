import type { JobBackend } from '../backend.ts';
import type { DurableJobs } from '../durable-jobs.ts';
import type { StoredJobState } from '../stored-job.ts';
import { type Call, type CommandName, UsageError } from './arguments.ts';
import { printJson, printLine, printProblem, printTable, shortened } from './print.ts';

/** What a command works with. */
interface Context {
  readonly jobs: DurableJobs;
  readonly backend: JobBackend;
  readonly words: readonly string[];
  readonly options: Call['options'];
}

/** Each resolves to whether everything was done. */
export const commands: Readonly<Record<CommandName, (context: Context) => Promise<boolean>>> = {
  async list({ jobs, options: { name, state, limit, after, json } }) {
    const page = await jobs.list({
      name: textOf(name),
      state: textOf(state) as StoredJobState | undefined,
      limit: limit === undefined ? undefined : numberOf('--limit', limit),
      after: textOf(after),
    });
    if (json === true) return printJson(page);
    printTable(
      ['id', 'name', 'state', 'attempt', 'created', 'error'],
      page.jobs.map(({ id, name: of, state: is, attempt, createdAt, error }) => {
        const reason = error === undefined ? '' : `${error.name}: ${error.message}`;
        return [id, of, is, String(attempt), new Date(createdAt).toISOString(), shortened(reason)];
      }),
    );
    if (page.next !== undefined) printLine(`More: --after ${page.next}`);
    return true;
  },

  async get({ jobs, words }) {
    let all = true;
    for (const id of words) {
      const job = await jobs.get(id);
      if (job === undefined) printProblem(`${id}: there is no such job`);
      else printJson(job);
      all &&= job !== undefined;
    }
    return all;
  },

  async retry(context) {
    const { jobs, options } = context;
    const name = textOf(options.name);
    if (name === undefined) return forEach(context, 'retried', async (id) => jobs.retry(id));
    const count = await jobs.retryAll({ name, error: textOf(options.error) });
    if (options.json === true) return printJson({ retried: count });
    printLine(`${count} ${count === 1 ? 'job' : 'jobs'} retried`);
    return true;
  },

  async cancel(context) {
    return forEach(context, 'cancelled, or being cancelled', async (id) => context.jobs.cancel(id));
  },

  async discard(context) {
    return forEach(context, 'discarded', async (id) => context.jobs.discard(id));
  },

  async pause(context) {
    return forEach(context, 'paused', async (name) => {
      await context.jobs.pause(name);
      return true;
    });
  },

  async resume(context) {
    return forEach(context, 'resumed', async (name) => {
      await context.jobs.resume(name);
      return true;
    });
  },

  async depth({ backend, options: { name, json } }) {
    const all = await backend.lookup.depth();
    const chosen = Object.entries(all).filter(([each]) => name === undefined || each === name);
    if (json === true) return printJson(Object.fromEntries(chosen));
    printTable(
      ['name', 'ready', 'active', 'failed', 'paused'],
      chosen.map(([each, { ready, active, failed, paused }]) => [
        each,
        String(ready),
        String(active),
        String(failed),
        paused === true ? 'yes' : '',
      ]),
    );
    return true;
  },
};

/** Does something to each of the ids or names, and says which were refused. */
async function forEach(
  { words, options }: Context,
  done: string,
  change: (word: string) => Promise<boolean>,
): Promise<boolean> {
  const results: Record<string, boolean> = {};
  for (const word of words) {
    results[word] = await change(word);
    if (options.json === true) continue;
    printLine(
      `${word}: ${results[word] ? done : 'no such job, or in a state where that cannot be'}`,
    );
  }
  if (options.json === true) printJson(results);
  return Object.values(results).every(Boolean);
}

function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(option: string, value: string | boolean): number {
  if (typeof value === 'string' && /^\d+$/.test(value)) return Number(value);
  throw new UsageError(`Expected ${option} to be a number, got ${String(value)}`);
}
