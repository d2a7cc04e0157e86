import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DrainOptions, DrainReport, Scheduler } from '@outlive/core';
import { type Drain, drainHeld, Group, joinDrain, jobsOf } from '@outlive/core/internal';
import { Connections } from './connections.ts';
import { type HttpServer, type Patch, patchServer } from './patch-server.ts';
import { observeEvent } from './observe-event.ts';
import { findRequestJobs } from './request-jobs.ts';
import { warnHeldClose } from './warn-held-close.ts';

export type { HttpServer };

/** How one scheduler hangs on one server. */
interface Tie {
  readonly scheduler: Scheduler;
  /** The jobs of this server's own requests. */
  readonly group: Group;
  /** The whole scheduler ends with its last server; `undefined` if only the requests' jobs are ours. */
  whole: DrainOptions | undefined;
}

/** A close of the server that is being held back. */
interface Closing {
  readonly startedAt: number;
  readonly drains: Map<Tie, Drain>;
  /** What waits to be let through: Node's 'close' events, one for each call of close(). */
  readonly held: (() => void)[];
  /** One of them is not Node's; see `#letInsidersThrough()`. */
  early: boolean;
}

const drains = new WeakMap<object, ServerDrain>();
/** The servers on which each scheduler hangs as a whole: the last of them to close drains the rest. */
const serversOf = new WeakMap<Scheduler, Set<HttpServer>>();

// Taken once, so that fake timers cannot hold a close back.
const nextTurn = setImmediate;

/** Inside no job: where nobody has asked for the close that is being noticed. */
const outside = new AsyncResource('OutliveServerDrain');

/**
 * Holds the end of a server back until the jobs of its requests have ended.
 *
 * Node calls back from `server.close()` when the connections are gone, though the handler of a client
 * that left is still at work. Every way of waiting for a close (callback, promisified, `once(server,
 * 'close')`, `await using`, a shutdown library) ends in one call, `server.emit('close')`, so that is
 * where it is held; `server.close` is replaced only to learn when and by whom a close is begun.
 */
export class ServerDrain {
  readonly connections: Connections = new Connections(() => {
    this.#letInsidersThrough();
  });
  readonly #server: HttpServer;
  readonly #ties = new Map<Scheduler, Tie>();
  /** Attached by itself at a first request: whoever closes the server may not know that it is held. */
  #byItself: boolean;
  #warned = false;
  #closing: Closing | undefined;
  #patch: Patch | undefined;
  /** How many heard of a close that Node has yet to come to; see `#letInsidersThrough()`. */
  #heardEarly: number | undefined;

  constructor(server: HttpServer, byItself: boolean) {
    this.#server = server;
    this.#byItself = byItself;
    this.patch();
  }

  get schedulers(): Scheduler[] {
    return [...this.#ties.keys()];
  }

  /** The group of the server's own jobs in a scheduler. */
  groupIn(scheduler: Scheduler): Group {
    return this.#tie(scheduler).group;
  }

  /** Ties the whole scheduler to the server; gives the group that the server's own jobs belong to. */
  tieWhole(scheduler: Scheduler, options: DrainOptions): Group {
    this.#byItself = false;
    const tie = this.#tie(scheduler);
    tie.whole = options;
    const servers = serversOf.get(scheduler) ?? new Set();
    serversOf.set(scheduler, servers.add(this.#server));
    return tie.group;
  }

  /** Undoes `tieWhole()`: what the requests spawn still belongs to the server. */
  untie(scheduler: Scheduler): void {
    const tie = this.#ties.get(scheduler);
    if (tie !== undefined) tie.whole = undefined;
    serversOf.get(scheduler)?.delete(this.#server);
  }

  /** Whether a scheduler is tied as a whole. */
  isTied(scheduler: Scheduler): boolean {
    return this.#ties.get(scheduler)?.whole !== undefined;
  }

  /**
   * Takes the patches off, unless a whole scheduler hangs on the server, or jobs of requests that it has
   * had; the next request puts them on again.
   */
  release(): void {
    const { listening } = this.#server;
    const keeps = ({ whole, group }: Tie): boolean =>
      whole !== undefined || (listening && group.jobs + group.shields > 0);
    if (![...this.#ties.values()].some(keeps)) {
      this.#patch?.undo();
      this.#patch = undefined;
    }
  }

  /** Whether no other server that the scheduler is tied to is open or still draining. */
  isLastOf(scheduler: Scheduler): boolean {
    return [...(serversOf.get(scheduler) ?? [])].every(
      (server) =>
        server === this.#server || (!server.listening && drains.get(server)?.closing !== true),
    );
  }

  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /** What the drains of the present close have to report. */
  get reports(): Promise<DrainReport>[] {
    return [...(this.#closing?.drains.values() ?? [])].map(({ promise }) => promise);
  }

  /** Ends the grace of the present close. */
  cutShort(): void {
    for (const drain of this.#closing?.drains.values() ?? []) drain.cutShort();
  }

  /** A close has been called for: jobs are given their grace from now on. */
  begin(): void {
    if (this.#closing !== undefined) {
      for (const [tie, drain] of this.#closing.drains) joinDrain(tie.scheduler, drain);
      return;
    }
    this.#heardEarly = undefined;
    this.#closing = { startedAt: performance.now(), drains: new Map(), held: [], early: false };
    for (const tie of this.#ties.values()) this.#closing.drains.set(tie, this.#drain(tie, 0));
    this.connections.announceClose();
  }

  /** Somebody's close has come before us. */
  beginLate(): void {
    outside.runInAsyncScope(this.begin, this);
    this.connections.close();
  }

  /** Once begun: resolves when no job is left to wait for, though the server may still be open. */
  async quiet(): Promise<void> {
    await Promise.all(
      [...(this.#closing?.drains.values() ?? [])].map(async (drain) => drain.quiet()),
    );
  }

  /** Ends what was begun where no server will ever say that it has closed. */
  async finish(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onClosed(resolve);
    });
  }

  #tie(scheduler: Scheduler): Tie {
    let tie = this.#ties.get(scheduler);
    if (tie === undefined) {
      tie = { scheduler, group: new Group(scheduler), whole: undefined };
      this.#ties.set(scheduler, tie);
      this.#closing?.drains.set(tie, this.#drain(tie, performance.now() - this.#closing.startedAt));
    }
    return tie;
  }

  #drain(tie: Tie, spent: number): Drain {
    const { timeout = tie.scheduler.waitTimeout, ...rest } = tie.whole ?? {};
    return drainHeld(tie.scheduler, this.#scope(tie), {
      ...rest,
      timeout: Math.max(0, timeout - spent),
    });
  }

  /** What of the scheduler ends with this server: its own jobs, or all where no other server listens. */
  #scope(tie: Tie): Group | undefined {
    if (tie.whole === undefined) return tie.group;
    const others = [...(serversOf.get(tie.scheduler) ?? [])];
    const last = others.every((server) => server === this.#server || !server.listening);
    return last ? undefined : tie.group;
  }

  /** Node says that the server has closed. */
  #onClosed(letThrough: () => void): void {
    // The connection that ended last may have ended inside a job, which did not ask for a close by that.
    if (this.#closing === undefined) outside.runInAsyncScope(this.begin, this);
    const closing = this.#closing as unknown as Closing;
    closing.held.push(letThrough);
    if (closing.held.length > 1) return;
    const spent = performance.now() - closing.startedAt;
    for (const [tie, drain] of closing.drains) {
      // One that ran out of time while requests went on missed what they spawned since: no grace for that.
      if (drain.over) {
        closing.drains.set(tie, outside.runInAsyncScope(this.#drain, this, tie, spent));
      }
      closing.drains.get(tie)?.release();
    }
    const left = [...closing.drains.values()].filter((drain) => !drain.over);
    if (left.length === 0) {
      this.#end(closing);
      return;
    }
    const callOff = this.#byItself ? this.#warnLater() : undefined;
    void Promise.all(left.map(({ promise }) => promise)).then(() => {
      callOff?.();
      this.#end(closing);
    });
  }

  #end(closing: Closing): void {
    this.#closing = undefined;
    for (const letThrough of closing.held) letThrough();
  }

  #warnLater(): (() => void) | undefined {
    if (this.#warned) return undefined;
    return warnHeldClose(() => {
      this.#warned = true;
      return [...this.#ties.values()]
        .flatMap((tie) => jobsOf(tie.scheduler, this.#scope(tie)))
        .map((job) => job.name ?? `job ${job.id}`);
    });
  }

  /**
   * A handler that waits for the close of its own server keeps it open itself, by its response. Once no
   * other is left, the close is there for those who wait, as it is when only their jobs are left.
   */
  #letInsidersThrough(): void {
    const closing = this.#closing;
    if (closing === undefined || !this.#isKeptByInsiders(closing)) return;
    // A handler that does not wait has ended by then.
    nextTurn(() => {
      if (this.#closing !== closing || !this.#isKeptByInsiders(closing)) return;
      closing.early = true;
      this.#onClosed(() => {
        this.#patch?.tellClosed();
        if (closing.early) this.#heardEarly = this.#server.listenerCount('close');
      });
    });
  }

  #isKeptByInsiders({ drains: closingDrains, held }: Closing): boolean {
    const insiders = new Set([...closingDrains.values()].flatMap(({ entered }) => entered));
    if (insiders.size === 0 || held.length > 0 || this.#server.listening) return false;
    return this.connections.waitOnlyFor(({ req }) => {
      const slot = findRequestJobs(req)?.heldSlot;
      return slot !== undefined && insiders.has(slot);
    });
  }

  /** A `close()` that was got hold of before us, or of the prototype, does not come by: this it cannot avoid. */
  #noticeClose(): void {
    if (this.#closing !== undefined || this.#server.listening) return;
    this.begin();
    this.connections.close();
  }

  /** Hooks into the server, if that is not so. Gives whether it was. */
  patch(): boolean {
    if (this.#patch !== undefined) return true;
    this.#patch = patchServer(this.#server, {
      close: (proceed) => {
        this.begin();
        proceed();
        this.connections.close();
      },
      closeIdle: (proceed) => {
        this.connections.sparing(proceed);
        if (this.#server.listening) process.nextTick(() => this.#noticeClose());
      },
      closed: (proceed) => {
        if (this.#closing?.early === true) {
          this.#closing.early = false;
          return;
        }
        const early = this.#heardEarly;
        this.#heardEarly = undefined;
        // Nobody is left who has not heard of it.
        if (early !== undefined && this.#server.listenerCount('close') <= early) return;
        this.#onClosed(proceed);
      },
      event: (event, args) => {
        if (event === 'listening') this.#heardEarly = undefined;
        observeEvent(this.connections, this.#server, event, args);
      },
    });
    if (this.#server.listening) this.connections.reopen();
    this.connections.discover(this.#server);
    return false;
  }
}

/** Whether it has listened and does not any more; one that is handed its connections never did. */
function hasStopped(server: HttpServer & { readonly _connectionKey?: string }): boolean {
  return !server.listening && server._connectionKey !== undefined;
}

/** The drain of a server, attached to it at the first call. */
export function serverDrain(server: HttpServer, byItself = false): ServerDrain {
  let drain = drains.get(server);
  if (drain === undefined) {
    drain = new ServerDrain(server, byItself);
    drains.set(server, drain);
    if (byItself && hasStopped(server)) drain.beginLate();
  }
  drain.patch();
  return drain;
}

/** The group of the jobs of a request: that of its server, which is attached at its first request. */
export function groupOfRequest(
  request: IncomingMessage,
  response: ServerResponse,
  scheduler: Scheduler,
): Group | undefined {
  // What `inject()` makes has no server.
  const { server } = (request.socket ?? {}) as { server?: HttpServer };
  if (typeof server?.emit !== 'function') return undefined;
  const attached = drains.get(server);
  if (attached?.patch() === true) return attached.groupIn(scheduler);
  const drain = serverDrain(server, true);
  drain.connections.addResponse(request, response);
  return drain.groupIn(scheduler);
}
