import { types } from 'node:util';
import type { Job } from './job.ts';
import { handled } from './util/observed-promise.ts';

/** What an exception handler gets. */
export interface ExceptionContext {
  /** What happened: one of the library's own messages, or that of a call of `callExceptionHandler()`. */
  readonly message:
    | 'Job processing failed'
    | 'Job closing timed out'
    | 'Shielded work failed'
    | 'Job refused'
    | (string & {});
  /** What was thrown; anything can be. */
  readonly exception: unknown;
  /** The job that it happened to, if it was a job. */
  readonly job?: Job | undefined;
  /** More about it: of a durable job, which attempt of how many has failed, and when the next one is. */
  readonly detail?: string | undefined;
  /** Where `spawn()` was called, of an atomic handler where it was made atomic; only with `OUTLIVE_DEBUG=1` or `NODE_DEBUG=outlive`. */
  readonly sourceStack?: string | undefined;
}

/** The type of `SchedulerOptions.exceptionHandler`; `S` is the scheduler's class, which this file must not know. */
export type HandlerOf<S> = (context: ExceptionContext, scheduler: S) => void | PromiseLike<void>;

/** Calls the handler, or prints; an error of the handler itself is printed and disturbs nothing else. */
export function report<S extends { readonly name: string | undefined }>(
  given: ExceptionContext,
  scheduler: S,
  handler: HandlerOf<S> | undefined,
): void {
  const context = withSource(given);
  if (handler === undefined) {
    printException(context, scheduler);
    return;
  }
  const handlerFailed = (error: unknown): void => {
    printException({ message: 'The exception handler failed', exception: error }, scheduler);
    printException(context, scheduler);
  };
  try {
    const returned: unknown = handler(context, scheduler);
    // Reading `then` and calling it are the handler's code too: both stay inside the try. A rejected promise is
    // handled, even if a `then` of its own keeps everybody from hearing of it.
    if (types.isPromise(returned)) void handled(returned);
    void Promise.prototype.then.call(Promise.resolve(returned), undefined, handlerFailed);
  } catch (error) {
    handlerFailed(error);
  }
}

/** Says where the job was spawned, if that is known and the context does not say so. */
function withSource(context: ExceptionContext): ExceptionContext {
  if (context.sourceStack !== undefined) return context;
  // Of a record, which this file must not know.
  const { extras } = (context.job ?? {}) as { extras?: { sourceStack?: string | undefined } };
  const sourceStack = extras?.sourceStack;
  return sourceStack === undefined ? context : { ...context, sourceStack };
}

/** Prints a failure to stderr: what happens where there is no handler. */
export function printException(
  { message, exception, job, detail, sourceStack }: ExceptionContext,
  scheduler: { readonly name: string | undefined },
): void {
  let heading = `[outlive] ${message}`;
  if (job !== undefined) heading += `: job ${job.id}`;
  if (job?.name !== undefined) heading += ` ${JSON.stringify(job.name)}`;
  if (scheduler.name !== undefined) heading += ` of scheduler ${JSON.stringify(scheduler.name)}`;
  if (detail !== undefined) heading += ` (${detail})`;
  const spawnedAt =
    sourceStack === undefined ? '' : `\n  spawned${sourceStack.trimStart().replace(/^/, ' ')}`;
  try {
    // A name is no format: `%c` in it would swallow the error.
    console.error('%s:', heading, exception, spawnedAt);
  } catch {
    // An error that cannot even be inspected, say with a `stack` getter that throws.
    printBare(`${heading}: (the error cannot be printed)${spawnedAt}`);
  }
}

function printBare(line: string): void {
  try {
    console.error('%s', line);
  } catch {
    // Nothing is left that could print it.
  }
}
