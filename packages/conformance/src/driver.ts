import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type {
  Atomic,
  AtomicOptions,
  ExceptionContext,
  JobsOptions,
  RequestLike,
  Scheduler,
} from '@outlive/http';

/** A handler with the framework's own arguments. */
export type NativeHandler = (this: unknown, ...args: unknown[]) => unknown;

/** A handler that every framework can have. What the exchange's methods return is to be returned. */
export type Handler = (exchange: Exchange) => unknown;

/** One request and its response, in terms that every framework has. */
export interface Exchange {
  /** What the framework's users hold: `req`, `ctx`, `request`. */
  readonly request: RequestLike;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The text of a `text/plain` request, which is read before the handler; that of others is not. */
  readonly body: unknown;
  answer(text: string, status?: number): unknown;
  redirect(location: string): unknown;
  stream(body: Readable): unknown;
  /** From here on the framework leaves the response alone. */
  takeOver(): ServerResponse;
}

/** What is served at one path, for every method. */
export type Route =
  | { readonly native: true; readonly handler: NativeHandler }
  | {
      readonly native: false;
      readonly handler: Handler;
      /** Of an atomic handler. */
      readonly atomic: AtomicOptions | undefined;
    };

export interface SetUp {
  /** Options of the jobs middleware; `false`: it is not installed. */
  readonly jobs?: JobsOptions | false;
  /** Runs on every request, behind the jobs middleware. */
  readonly before?: (exchange: Exchange) => void;
  readonly routes?: Readonly<Record<string, Route>>;
  /** An app within the app, at `/inner`, in one of the driver's `nestings`. */
  readonly inner?: {
    readonly nesting: string;
    readonly jobs: JobsOptions | false;
    readonly routes: Readonly<Record<string, Route>>;
  };
  /** Leave errors to the framework's own answer, rather than to an error handler of the app. */
  readonly defaultErrors?: boolean;
}

/** An app of the framework. */
export interface App {
  /** `undefined` where the jobs middleware is not installed. */
  readonly scheduler: Scheduler | undefined;
  readonly innerScheduler: Scheduler | undefined;
  /** Messages of the errors that the framework's own error path was given, in order. */
  readonly reports: string[];
  /** What the exception handler was told. */
  readonly told: ExceptionContext[];
  /** What supertest takes. */
  readonly target: RequestListener | Server;
  /** Calls the app without a socket, where the framework can: gives the text of the answer. */
  readonly inject: ((path: string) => Promise<string>) | undefined;
  listen(): Promise<Server>;
  close(): Promise<void>;
}

/** One version of one framework. */
export interface Driver {
  readonly name: string;
  /** The adapter's `atomic`, for handlers with whatever arguments. */
  readonly atomic: Atomic<NativeHandler>;
  /** The ways in which an app can hold another. */
  readonly nestings: readonly string[];
  /** Whether a listener's errors have a path without us. */
  readonly hasErrorPath: boolean;
  exchange(args: readonly unknown[]): Exchange;
  build(setUp: SetUp): Promise<App>;
}

export function plain(handler: Handler): Route {
  return { handler, native: false, atomic: undefined };
}

export function atomic(handler: Handler, options: AtomicOptions = {}): Route {
  return { handler, native: false, atomic: options };
}

/** A handler that gets the framework's own arguments, as they are. */
export function native(handler: NativeHandler): Route {
  return { handler, native: true };
}
