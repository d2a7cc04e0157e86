import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Http2Server, Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { DrainOptions, DrainReport, Scheduler } from '@outlive/core';
import { type Drain, drainHeld, Group, jobsOf } from '@outlive/core/internal';
import { Connections } from './connections.ts';

/** What can be drained: any of Node's HTTP servers. */
export type HttpServer = Server | HttpsServer | Http2Server | Http2SecureServer;

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
  /** 'close' events of Node's that wait to be let through: one for each call of close(). */
  held: number;
}

const drains = new WeakMap<object, ServerDrain>();
/** The servers on which each scheduler hangs as a whole: the last of them to close drains the rest. */
const serversOf = new WeakMap<Scheduler, Set<HttpServer>>();

const warnAfter = 1_000;

/**
 * Holds the end of a server back until the jobs of its requests have ended.
 *
 * Node calls back from `server.close()` when the connections are gone, though the handler of a client
 * that left is still at work. Every way of waiting for a close (callback, promisified, `once(server,
 * 'close')`, `await using`, a shutdown library) ends in one call, `server.emit('close')`, so that is
 * where it is held; `server.close` is replaced only to learn when and by whom a close is begun.
 */
export class ServerDrain {
  readonly connections: Connections = new Connections();
  readonly #server: HttpServer;
  readonly #ties = new Map<Scheduler, Tie>();
  /** Attached by itself at a first request: whoever closes the server may not know that it is held. */
  #byItself: boolean;
  #warned = false;
  #closing: Closing | undefined;
  #patched = false;
  #restore: () => void = () => undefined;

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

  /** Takes the patches off, unless a whole scheduler hangs on the server; the next request puts them on again. */
  release(): void {
    if ([...this.#ties.values()].every((tie) => tie.whole === undefined)) this.#restore();
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
    if (this.#closing !== undefined) return;
    this.#closing = { startedAt: performance.now(), drains: new Map(), held: 0 };
    for (const tie of this.#ties.values()) this.#closing.drains.set(tie, this.#drain(tie, 0));
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
    this.begin();
    const closing = this.#closing as Closing;
    closing.held += 1;
    if (closing.held > 1) return;
    const spent = performance.now() - closing.startedAt;
    for (const [tie, drain] of closing.drains) {
      // One that ran out of time while requests went on missed what they spawned since: no grace for that.
      if (drain.over) closing.drains.set(tie, this.#drain(tie, spent));
      closing.drains.get(tie)?.release();
    }
    const left = [...closing.drains.values()].filter((drain) => !drain.over);
    if (left.length === 0) {
      this.#end(closing, letThrough);
      return;
    }
    const warning = this.#byItself ? this.#warnLater() : undefined;
    void Promise.all(left.map(({ promise }) => promise)).then(() => {
      clearTimeout(warning);
      this.#end(closing, letThrough);
    });
  }

  #end(closing: Closing, letThrough: () => void): void {
    this.#closing = undefined;
    this.connections.reopen();
    for (let call = 0; call < closing.held; call += 1) letThrough();
  }

  #warnLater(): NodeJS.Timeout | undefined {
    if (this.#warned) return undefined;
    return setTimeout(() => {
      this.#warned = true;
      const names = [...this.#ties.values()]
        .flatMap((tie) => jobsOf(tie.scheduler, this.#scope(tie)))
        .map((job) => job.name ?? `job ${job.id}`);
      process.emitWarning(
        `A closed server still waits for jobs of its requests: ${names.join(', ')}. ` +
          'If nobody shall wait for them, say in a test, give the jobs middleware `drainOnClose: false`.',
        { type: 'OutliveWarning', code: 'OUTLIVE_HELD_CLOSE' },
      );
    }, warnAfter).unref();
  }

  patch(): void {
    if (this.#patched) return;
    this.#patched = true;
    const server = this.#server as Server;
    // Whatever stood there, the prototype's or somebody's own, goes on being called.
    const { emit, close } = server;
    const own = {
      emit: Object.hasOwn(server, 'emit') ? emit : undefined,
      close: Object.hasOwn(server, 'close') ? close : undefined,
    };
    const patchedEmit = (event: string, ...args: unknown[]): boolean => {
      if (event === 'close') {
        this.#onClosed(() => Reflect.apply(emit, server, [event, ...args]));
        return true;
      }
      this.#observe(event, args);
      return Reflect.apply(emit, server, [event, ...args]);
    };
    const patchedClose = (callback?: (error?: Error) => void): Server => {
      this.begin();
      const result: Server = Reflect.apply(close, server, callback === undefined ? [] : [callback]);
      this.connections.close();
      return result;
    };
    Object.assign(server, { emit: patchedEmit, close: patchedClose });
    this.#restore = () => {
      this.#patched = false;
      if ((server.emit as unknown) === patchedEmit) restore(server, 'emit', own.emit);
      if ((server.close as unknown) === patchedClose) restore(server, 'close', own.close);
    };
  }

  #observe(event: string, args: readonly unknown[]): void {
    switch (event) {
      case 'request':
      case 'checkContinue':
      case 'checkExpectation':
        this.connections.addResponse(args[0] as IncomingMessage, args[1] as ServerResponse);
        break;
      case 'connection':
        if ('setSecureContext' in this.#server) this.connections.addHandshake(args[0] as Socket);
        else this.connections.addSocket(args[0] as Socket);
        break;
      case 'secureConnection':
        this.connections.addSocket(args[0] as Socket);
        break;
      case 'session':
        this.connections.addSession(args[0] as ServerHttp2Session);
        break;
      case 'upgrade':
      case 'connect':
        this.connections.addUpgraded(args[1] as Socket);
        break;
      default:
    }
  }
}

function restore<K extends 'emit' | 'close'>(
  server: Server,
  method: K,
  own: Server[K] | undefined,
): void {
  if (own === undefined) delete (server as Partial<Server>)[method];
  else server[method] = own;
}

/** The drain of a server, attached to it at the first call. */
export function serverDrain(server: HttpServer, byItself = false): ServerDrain {
  let drain = drains.get(server);
  if (drain === undefined) {
    drain = new ServerDrain(server, byItself);
    drains.set(server, drain);
    drain.connections.discover(server);
    // Somebody's close has come before us.
    if (byItself && !server.listening) drain.begin();
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
  if (attached !== undefined) {
    attached.patch();
    return attached.groupIn(scheduler);
  }
  const drain = serverDrain(server, true);
  drain.connections.addResponse(request, response);
  return drain.groupIn(scheduler);
}
