import type { Scheduler } from '@outlive/core';
import { type Group, poolOf } from '@outlive/core/internal';
import type { HttpServer } from '../connections/http-server.ts';
import { addServer, removeServer, serversOf } from './servers-of-scheduler.ts';

/** How long a close waits, in ms; without a bound the scheduler's own. */
export interface CloseBounds {
  readonly timeout?: number | undefined;
  readonly closeTimeout?: number | undefined;
}

/** How one scheduler hangs on one server. */
export interface Attachment {
  readonly scheduler: Scheduler;
  /** The jobs of this server's own requests. */
  readonly group: Group;
  /** Set where the whole scheduler ends with its last server; else only the requests' jobs are waited for. */
  whole: CloseBounds | undefined;
}

/** The schedulers that hang on one server. */
export class Attachments {
  readonly #server: HttpServer;
  readonly #attachments = new Map<Scheduler, Attachment>();
  readonly #onNew: (attachment: Attachment) => void;

  constructor(server: HttpServer, onNew: (attachment: Attachment) => void) {
    this.#server = server;
    this.#onNew = onNew;
  }

  get all(): readonly Attachment[] {
    return [...this.#attachments.values()];
  }

  /** Made at the first call. */
  of(scheduler: Scheduler): Attachment {
    let attachment = this.#attachments.get(scheduler);
    if (attachment === undefined) {
      attachment = { scheduler, group: poolOf(scheduler).newGroup(), whole: undefined };
      this.#attachments.set(scheduler, attachment);
      this.#onNew(attachment);
    }
    return attachment;
  }

  /** Has the whole scheduler end with the server. */
  attach(scheduler: Scheduler, bounds: CloseBounds): Attachment {
    const attachment = this.of(scheduler);
    attachment.whole = bounds;
    addServer(scheduler, this.#server);
    return attachment;
  }

  /** Undoes `attach()`: what the requests spawn still belongs to the server. */
  detach(scheduler: Scheduler): void {
    const attachment = this.#attachments.get(scheduler);
    if (attachment !== undefined) attachment.whole = undefined;
    removeServer(scheduler, this.#server);
  }

  isAttached(scheduler: Scheduler): boolean {
    return this.#attachments.get(scheduler)?.whole !== undefined;
  }

  /**
   * What of the scheduler ends with this server: its own jobs, or all where no other server listens, apart
   * from those that end together with it.
   */
  scope(
    { scheduler, group, whole }: Attachment,
    together: ReadonlySet<HttpServer> = new Set(),
  ): Group | undefined {
    if (whole === undefined) return group;
    const others = serversOf(scheduler).filter(
      (server) => server !== this.#server && !together.has(server),
    );
    return others.every(({ listening }) => !listening) ? undefined : group;
  }
}
