import type { DrainOptions, Scheduler } from '@outlive/core';
import { Group } from '@outlive/core/internal';
import type { HttpServer } from './patch-server.ts';
import { addServer, removeServer, serversOf } from './servers-of-scheduler.ts';

/** How one scheduler hangs on one server. */
export interface Tie {
  readonly scheduler: Scheduler;
  /** The jobs of this server's own requests. */
  readonly group: Group;
  /** The whole scheduler ends with its last server; `undefined` if only the requests' jobs are ours. */
  whole: DrainOptions | undefined;
}

/** The schedulers that hang on one server. */
export class Ties {
  readonly #server: HttpServer;
  readonly #ties = new Map<Scheduler, Tie>();
  readonly #onNew: (tie: Tie) => void;

  constructor(server: HttpServer, onNew: (tie: Tie) => void) {
    this.#server = server;
    this.#onNew = onNew;
  }

  get all(): readonly Tie[] {
    return [...this.#ties.values()];
  }

  /** Made at the first call. */
  of(scheduler: Scheduler): Tie {
    let tie = this.#ties.get(scheduler);
    if (tie === undefined) {
      tie = { scheduler, group: new Group(scheduler), whole: undefined };
      this.#ties.set(scheduler, tie);
      this.#onNew(tie);
    }
    return tie;
  }

  tieWhole(scheduler: Scheduler, options: DrainOptions): Tie {
    const tie = this.of(scheduler);
    tie.whole = options;
    addServer(scheduler, this.#server);
    return tie;
  }

  /** Undoes `tieWhole()`: what the requests spawn still belongs to the server. */
  untie(scheduler: Scheduler): void {
    const tie = this.#ties.get(scheduler);
    if (tie !== undefined) tie.whole = undefined;
    removeServer(scheduler, this.#server);
  }

  isTied(scheduler: Scheduler): boolean {
    return this.#ties.get(scheduler)?.whole !== undefined;
  }

  /** What of the scheduler ends with this server: its own jobs, or all where no other server listens. */
  scope(tie: Tie): Group | undefined {
    if (tie.whole === undefined) return tie.group;
    const others = serversOf(tie.scheduler).filter((server) => server !== this.#server);
    return others.every(({ listening }) => !listening) ? undefined : tie.group;
  }
}
