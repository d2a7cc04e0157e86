import type { Server } from 'node:http';
import type { JobsOptions, RequestLike, Scheduler } from '@outlive/http';

/** What a user of the framework writes in a route, a procedure or a resolver; gives what is answered. */
export type Work = (request: RequestLike) => Promise<string>;

export interface Built {
  readonly server: Server;
  readonly scheduler: Scheduler;
  /** Where the work is done, by GET. */
  readonly path: string;
}

/** How a framework without an adapter of its own is used, as docs/frameworks.md shows it. */
export interface Recipe {
  readonly name: string;
  /** Whether the work runs within `atomic()`, and not as a job that `spawn()` has made. */
  readonly isAtomic: boolean;
  build(work: Work, options: JobsOptions): Promise<Built>;
}
