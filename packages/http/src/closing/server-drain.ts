import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DrainOptions, DrainReport, Scheduler } from '@outlive/core';
import { type Group, jobsOf } from '@outlive/core/internal';
import { Closing, outside } from './held-close.ts';
import { Companions } from './linked-servers.ts';
import { Connections } from '../connections/connections.ts';
import { type HttpServer, type Patch, patchServer } from './patch-server.ts';
import { observeEvent } from '../connections/observe-event.ts';
import { findRequestJobs } from '../request/request-state.ts';
import { serversOf } from './servers-of-scheduler.ts';
import { type Tie, Ties } from './attachments.ts';
import { warnHeldClose } from './warnings.ts';

export type { HttpServer };

const drains = new WeakMap<object, ServerDrain>();

// Taken once, so that fake timers cannot hold a close back.
const nextTurn = setImmediate;

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
  readonly #ties: Ties;
  readonly #companions: Companions;
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
    this.#ties = new Ties(server, (tie) => this.#closing?.add(tie));
    this.#companions = new Companions(server, this.connections);
    this.patch();
  }

  get schedulers(): Scheduler[] {
    return this.#ties.all.map(({ scheduler }) => scheduler);
  }

  /** The group of the server's own jobs in a scheduler. */
  groupIn(scheduler: Scheduler): Group {
    return this.#ties.of(scheduler).group;
  }

  /** Ties the whole scheduler to the server; gives the group that the server's own jobs belong to. */
  tieWhole(scheduler: Scheduler, options: DrainOptions): Group {
    this.#byItself = false;
    return this.#ties.tieWhole(scheduler, options).group;
  }

  /** Undoes `tieWhole()`: what the requests spawn still belongs to the server. */
  untie(scheduler: Scheduler): void {
    this.#ties.untie(scheduler);
  }

  /** Whether a scheduler is tied as a whole. */
  isTied(scheduler: Scheduler): boolean {
    return this.#ties.isTied(scheduler);
  }

  /** Has another server end with this one, which is not said to have closed before it. */
  accompany(server: HttpServer): void {
    if (this.#patch === undefined || server === this.#server || drains.has(server)) return;
    drains.set(server, this);
    const companion = this.#companions.add(server);
    if (this.#closing !== undefined && !this.#server.listening) companion.close();
  }

  /**
   * Takes the patches off, unless a whole scheduler hangs on the server, or jobs of requests that it has
   * had; the next request puts them on again. Companions are let go of.
   */
  release(): void {
    const { listening } = this.#server;
    const keeps = ({ whole, group }: Tie): boolean =>
      whole !== undefined || (listening && group.jobs + group.shields > 0);
    if (this.#ties.all.some(keeps)) return;
    for (const server of this.#companions.leave()) drains.delete(server);
    this.#patch?.undo();
    this.#patch = undefined;
  }

  /** Waits for no companion any longer. */
  giveUpCompanions(): void {
    this.#companions.giveUp();
  }

  /** Whether no other server that the scheduler is tied to is open or still draining. */
  isLastOf(scheduler: Scheduler): boolean {
    return serversOf(scheduler).every(
      (server) =>
        server === this.#server || (!server.listening && drains.get(server)?.closing !== true),
    );
  }

  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /** What the drains of the present close have to report. */
  get reports(): Promise<DrainReport>[] {
    return this.#closing?.reports ?? [];
  }

  /** Ends the grace of the present close. */
  cutShort(): void {
    this.#closing?.cutShort();
  }

  /** A close has been called for: jobs are given their grace from now on. */
  begin(): void {
    if (this.#closing !== undefined) {
      this.#closing.join();
      return;
    }
    this.#heardEarly = undefined;
    this.#closing = new Closing(this.#ties);
    this.#closing.begin();
    this.connections.announceClose();
  }

  /** Somebody's close has come before us. */
  beginLate(): void {
    outside.runInAsyncScope(this.begin, this);
    this.#stopped();
  }

  /** Once begun: resolves when no job is left to wait for, though the server may still be open. */
  async quiet(): Promise<void> {
    await this.#closing?.quiet();
  }

  /** Ends what was begun where no server will ever say that it has closed. */
  async finish(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onClosed(resolve);
    });
  }

  /** Listening has stopped. */
  #stopped(): void {
    this.#companions.close();
    this.connections.close();
  }

  /** Node says that the server has closed, and its companions: somebody may have heard of it early. */
  #nodeClosed(proceed: () => void): void {
    if (this.#closing?.early === true) {
      this.#closing.early = false;
      return;
    }
    const early = this.#heardEarly;
    this.#heardEarly = undefined;
    // Nobody is left who has not heard of it.
    if (early !== undefined && this.#server.listenerCount('close') <= early) return;
    this.#onClosed(proceed);
  }

  /** Holds the close back. */
  #onClosed(letThrough: () => void): void {
    // The connection that ended last may have ended inside a job, which did not ask for a close by that.
    if (this.#closing === undefined) outside.runInAsyncScope(this.begin, this);
    const closing = this.#closing as unknown as Closing;
    closing.held.push(letThrough);
    if (closing.held.length > 1) return;
    const left = closing.release();
    if (left === undefined) {
      this.#end(closing);
      return;
    }
    const callOff = this.#byItself ? this.#warnLater() : undefined;
    void left.then(() => {
      callOff?.();
      this.#end(closing);
    });
  }

  #end(closing: Closing): void {
    this.#closing = undefined;
    closing.letThrough();
  }

  #warnLater(): (() => void) | undefined {
    if (this.#warned) return undefined;
    return warnHeldClose(() => {
      this.#warned = true;
      return this.#ties.all
        .flatMap((tie) => jobsOf(tie.scheduler, this.#ties.scope(tie)))
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

  #isKeptByInsiders({ insiders, held }: Closing): boolean {
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
    this.#stopped();
  }

  /** Hooks into the server, if that is not so. Gives whether it was. */
  patch(): boolean {
    if (this.#patch !== undefined) return true;
    this.#patch = patchServer(this.#server, {
      close: (proceed) => {
        this.begin();
        proceed();
        this.#stopped();
      },
      closeIdle: (proceed) => {
        this.connections.sparing(proceed);
        if (this.#server.listening) process.nextTick(() => this.#noticeClose());
      },
      closed: (proceed) => {
        this.#companions.whenClosed(() => {
          this.#nodeClosed(proceed);
        });
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
