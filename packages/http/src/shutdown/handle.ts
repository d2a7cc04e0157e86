import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ShutdownFrom } from './left-out.ts';
import type { ShutdownReport } from './report.ts';

/** How `shutdown()` is called. */
export interface ShutdownCall {
  /**
   * The job that makes the call and waits for it, or the request whose atomic handler does (or, where none
   * runs, a job that it spawned). It is not waited for and in no list of the report; the signal of its job
   * aborts. A response to its request that is still open is neither waited for nor destroyed, so that it can
   * be sent when the shutdown is over.
   * @defaultValue none: a handler or job that waits for the shutdown waits for itself, until the bounds end it
   */
  readonly from?: ShutdownFrom | undefined;
}

/** A shutdown that is prepared, under way or over. */
export interface ShutdownHandle {
  /**
   * Begins it, as the first signal does, or joins the one that is under way. Every call gives the same
   * promise, which never rejects.
   *
   * @throws TypeError for a bad `from`
   */
  shutdown(options?: ShutdownCall): Promise<ShutdownReport>;
  /** False from the moment a shutdown begins. */
  readonly ready: boolean;
  /** Answers 200 while ready, then 503: for the readiness probe of a load balancer. */
  readonly readiness: (request: IncomingMessage, response: ServerResponse) => void;
  /** `undefined` before the end. */
  readonly report: ShutdownReport | undefined;
  /** Takes back the signal handlers and what was hooked into the server. A shutdown under way goes on. */
  dispose(): void;
}
