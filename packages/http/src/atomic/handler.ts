import type { RequestLike } from '../request/request-like.ts';
import type { RequestState } from '../request/request-state.ts';
import type { AnyHandler } from './atomic.ts';
import type { ResolvedAtomicOptions } from './resolve-options.ts';

/** How a framework calls its handlers, and what it takes for an answer. */
export interface Convention {
  /** Which of the arguments is the request. */
  readonly requestOf: (args: readonly unknown[]) => RequestLike;
  /** Takes errors where a rejecting promise would not do. */
  readonly fail?: (error: unknown, args: readonly unknown[], state: RequestState) => void;
  /**
   * Fastify's: which of the arguments is the reply. A handler may return it for "sent by other means", and
   * one that returns nothing sends it later on.
   */
  readonly replyOf?: (args: readonly unknown[]) => unknown;
}

/** A handler that was made atomic. */
export interface AtomicHandler {
  readonly handler: AnyHandler;
  readonly options: ResolvedAtomicOptions;
  readonly convention: Convention;
}
