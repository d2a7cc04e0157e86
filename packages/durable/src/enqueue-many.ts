import { checkOptions, expected, type KnownOptions } from '@outlive/core/internal';
import type { NewJob } from './backend.ts';
import { type EnqueueOptions, resolveEnqueueOptions } from './enqueue-options.ts';
import { JobPayloadError, UnsupportedError } from './errors.ts';
import type { JobDefinition } from './job-definition.ts';
import { toJson } from './payload/to-json.ts';
import { validatePayload } from './payload/validate-payload.ts';
import type { AnyTransaction } from './transactions/any-transaction.ts';
import { type CheckedTransaction, checkTransaction } from './transactions/check-transaction.ts';
import { nextTurn } from './util/next-turn.ts';

/** So many payloads are looked at in one turn of the event loop. */
const atOnce = 1_000;

/** How one of many jobs is stored: the `tx` is that of all, and none replaces another. */
export type EntryOptions = Omit<EnqueueOptions, 'tx' | 'replace'>;

/** One of many jobs, with options of its own. */
export interface JobEntry<I> {
  /** As `enqueue()` takes it. */
  readonly payload: I;
  /** As those of `enqueue()`; `undefined`: the defaults. */
  readonly options: EntryOptions | undefined;
}

/** How many jobs are stored at once. */
export interface EnqueueManyOptions {
  /** A transaction of your own, as in {@link EnqueueOptions}. @defaultValue none: one of the store's, for all of them */
  readonly tx?: AnyTransaction | undefined;
}

/** One of many jobs, its options checked. */
export interface ResolvedEntry {
  readonly payload: unknown;
  readonly options: EntryOptions;
}

const known: KnownOptions<EnqueueManyOptions> = { tx: true };

export function resolveEnqueueManyOptions(options: EnqueueManyOptions | undefined): {
  readonly tx: CheckedTransaction | undefined;
} {
  const { tx } = checkOptions('options', options, known);
  return { tx: tx === undefined ? undefined : checkTransaction(tx) };
}

/**
 * @param check - throws for options that the store, or the definition, makes no use of
 * @throws TypeError or RangeError that names the index; {@link UnsupportedError}
 */
export function resolveEntries(
  payloads: unknown,
  check: (options: EntryOptions) => void,
): ResolvedEntry[] {
  if (!Array.isArray(payloads)) {
    throw new TypeError(
      expected('payloads', 'an array of payloads, or of { payload, options }', payloads),
    );
  }
  const given = Array.from(payloads as unknown[]);
  if (!given.some(isEntry)) {
    const options = resolveEnqueueOptions(undefined);
    return given.map((payload) => ({ payload, options }));
  }
  return given.map((entry, index) => {
    try {
      const resolved = resolveEntry(entry);
      check(resolved.options);
      return resolved;
    } catch (error) {
      throw namingIndex(error, index);
    }
  });
}

/**
 * The jobs to store, all of whose payloads are good.
 *
 * @throws {@link JobPayloadError} (rejects) that names the index
 */
export async function newJobs(
  { name, options: { schema } }: JobDefinition,
  entries: readonly ResolvedEntry[],
): Promise<NewJob[]> {
  const jobs: NewJob[] = [];
  for (const [index, { payload, options }] of entries.entries()) {
    try {
      const stored = toJson(name, payload);
      if (schema !== undefined) await validatePayload(name, schema, stored);
      jobs.push({ ...options, name, payload: stored });
    } catch (error) {
      throw namingIndex(error, index);
    }
    if (index % atOnce === atOnce - 1) await new Promise(nextTurn);
  }
  return jobs;
}

function isEntry(value: unknown): value is JobEntry<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Object.keys(value).length === 2 && 'payload' in value && 'options' in value;
}

function resolveEntry(entry: unknown): ResolvedEntry {
  if (!isEntry(entry)) {
    throw new TypeError(expected('entry', '{ payload, options } as others of the array', entry));
  }
  const { tx, ...options } = resolveEnqueueOptions(entry.options);
  if (options.replace === true) throw new TypeError('`replace` is for single jobs: see enqueue()');
  if (tx === undefined) return { payload: entry.payload, options };
  throw new TypeError('Give `tx` once for all, in the options of the call');
}

function namingIndex(error: unknown, index: number): unknown {
  const message = `payloads[${index}]: ${String((error as Partial<Error> | undefined)?.message)}`;
  if (error instanceof JobPayloadError) {
    return new JobPayloadError(message, { cause: error.cause, issues: error.issues });
  }
  // What the store cannot do is the fault of no entry.
  if (error instanceof UnsupportedError) return error;
  if (error instanceof RangeError) return new RangeError(message, { cause: error });
  return error instanceof TypeError ? new TypeError(message, { cause: error }) : error;
}
