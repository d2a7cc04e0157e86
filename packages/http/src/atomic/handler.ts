import type { RequestLike } from '../request/request-like.ts';
import type { RequestState } from '../request/request-state.ts';
import type { AnyHandler } from './atomic.ts';
import type { ResolvedAtomicOptions } from './resolve-options.ts';

/** How a framework calls its handlers, and what it takes for an answer. */
export interface Convention {
  /** Which argument is the request, where there are not just two. Without it the first. */
  readonly requestOf?: (args: readonly unknown[]) => RequestLike;
  /** Takes errors where a rejecting promise would not do. */
  readonly fail?: (error: unknown, args: readonly unknown[], state: RequestState) => void;
  /**
   * Where the framework does not take the promise that a handler returns: gets the error of one that nobody has
   * awaited by the end of the turn, and of a refused call likewise.
   */
  readonly failUnawaited?: (error: unknown, state: RequestState) => void;
  /**
   * Fastify's: the second argument is the reply. A handler may return it for "sent by other means", and one
   * that returns nothing sends it later on.
   */
  readonly hasReply?: boolean;
}

/** A handler that was made atomic. */
export interface AtomicHandler extends Convention, ResolvedAtomicOptions {
  readonly handler: AnyHandler;
  /** Where it was made atomic; only under debug. */
  readonly sourceStack: string | undefined;
}
