import type { JobContext } from '@outlive/core';
import type { JobRecord } from '@outlive/core/internal';
import { Connections } from '../connections/connections.ts';
import type { HttpServer } from '../connections/http-server.ts';
import { observeEvent } from '../connections/observe-event.ts';
import { noteServer } from '../request/server-schedulers.ts';
import { type Attachment, Attachments } from './attachments.ts';
import { type CloseReport, HeldClose } from './held-close.ts';
import { describeHold } from './held-by.ts';
import { type DrainedServer, LinkedServers } from './linked-servers.ts';
import { patchServer } from './patch-server.ts';
import { HeldCloseWarning } from './warnings.ts';

/**
 * Holds the end of a server back until the jobs of its requests have ended.
 *
 * Node calls back from `server.close()` when the connections are gone, though the handler of a client
 * that left is still at work. Every way of waiting for a close (callback, promisified, `once(server,
 * 'close')`, `await using`, a shutdown library) ends in one call, `server.emit('close')`, so that is
 * where it is held; `server.close` is overridden only to learn when a close begins.
 *
 * The words: a close begins with the call of `close()`; then listening stops; when Node emits 'close', the
 * event is held; when the drains are over, it is emitted, and the close has ended.
 */
export class ServerDrain implements DrainedServer {
  readonly server: HttpServer;
  readonly connections: Connections;
  readonly attachments: Attachments;
  readonly #linked: LinkedServers;
  readonly #warning: HeldCloseWarning;
  /** Attached at a first request: the caller of `close()` may not know that the server is drained. */
  #byItself: boolean;
  #close: HeldClose | undefined;
  #leavesOut: JobContext[] = [];
  #unpatch: (() => void) | undefined;
  /** Whether Node's own `close()` is at work right now: what it takes for idle may have a request on it, unread. */
  #inClose = false;

  constructor(server: HttpServer, byItself: boolean) {
    this.server = server;
    this.connections = new Connections(server);
    this.#byItself = byItself;
    this.attachments = new Attachments(server, (attachment) => this.#close?.add(attachment));
    noteServer(server, () => this.attachments.all);
    this.#linked = new LinkedServers(server);
    this.#warning = new HeldCloseWarning(() =>
      describeHold(
        this.#byItself,
        this.attachments,
        this.withLinked.map(({ connections }) => connections),
      ),
    );
    this.patch();
  }

  /** This server and those that end with it. */
  get withLinked(): readonly DrainedServer[] {
    return [this, ...this.#linked.all];
  }

  /** The user's code has asked for the drain: the caller of `close()` knows of it. */
  asked(): void {
    this.#byItself = false;
  }

  /** Has another server end with this one, whose 'close' event waits for that one's. */
  link(linked: DrainedServer): void {
    this.#linked.add(linked);
    if (this.#close !== undefined && !this.server.listening) this.#linked.close();
  }

  /** Whether methods of the server are overridden right now. */
  get patched(): boolean {
    return this.#unpatch !== undefined;
  }

  /** Waits for no linked server any longer. */
  giveUpLinked(): void {
    this.#linked.giveUp();
  }

  /** Whether a close has begun and not ended. */
  get closing(): boolean {
    return this.#close !== undefined;
  }

  /** The jobs that wait for the present or the last close, and said so. */
  get leavesOut(): readonly JobContext[] {
    return this.#leavesOut;
  }

  /** What the drains of the present close have to report. */
  get reports(): CloseReport[] {
    return this.#close?.reports ?? [];
  }

  /** Begins a close, if none has: jobs get their grace from now on. These jobs wait for it, and are not waited for. */
  beginClose(from: readonly JobContext[] = [], together?: ReadonlySet<HttpServer>): void {
    if (this.#close !== undefined) {
      this.#leavesOut.push(...from);
      this.#close.leaveOut(from);
      return;
    }
    this.#leavesOut = [...from];
    this.#close = new HeldClose(this.attachments, from, together);
    this.#close.begin();
    for (const { connections } of this.withLinked) connections.announceClose();
    this.#warning.start();
  }

  /** A shutdown does it: it has a bound and a report of its own, no warning is needed. */
  beginShutdown(from: readonly JobContext[], together: ReadonlySet<HttpServer>): void {
    this.#warning.silence();
    this.beginClose(from, together);
  }

  /** Listening has stopped before the drain was attached. */
  beginCloseLate(): void {
    this.beginClose();
    this.#listeningStopped();
  }

  /** The jobs that the present close waits for. */
  get jobs(): readonly JobRecord[] {
    return this.#close?.jobs ?? [];
  }

  /** Cancels what is left but for these jobs, whose grace goes on. */
  cancelOthers(spared: (job: JobRecord) => boolean): void {
    this.#close?.cancelOthers(spared);
  }

  /** Ends the grace of the present close. */
  endGrace(): void {
    this.#close?.endGrace();
  }

  /** Once begun: resolves when no job is left to wait for, though the server may still be open. */
  async whenIdle(): Promise<void> {
    await this.#close?.whenIdle();
  }

  /** Ends a close that was begun where Node will not emit 'close': the server has never listened. */
  async endClose(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#holdEvent(resolve);
    });
  }

  /** Overrides methods of the server, unless that is done. Gives whether it was. */
  patch(): boolean {
    if (this.#unpatch !== undefined) return true;
    this.#unpatch = patchServer(this.server, {
      close: (proceed) => {
        this.beginClose();
        this.#inClose = true;
        try {
          this.connections.spareSessions(proceed);
        } finally {
          this.#inClose = false;
        }
        this.#listeningStopped();
      },
      closeIdle: (proceed) => {
        if (this.#inClose) return;
        this.connections.spareUnsent(proceed);
        if (this.server.listening) process.nextTick(() => this.#noticeClose());
      },
      closeEvent: (proceed) => {
        this.#linked.whenClosed(() => {
          this.#holdEvent(proceed);
        });
      },
      event: (event, args) => {
        observeEvent(this.connections, this.server, event, args);
      },
    });
    if (this.server.listening) this.connections.reopen();
    this.connections.discover(this.server);
    return false;
  }

  /**
   * Undoes `patch()`, unless a whole scheduler is attached to the server, or it has jobs of requests; the
   * next request patches it again. Linked servers are let go of.
   */
  unpatch(): void {
    const { listening } = this.server;
    const needed = ({ whole, group }: Attachment): boolean =>
      whole !== undefined || (listening && group.jobs + group.shields > 0);
    if (this.attachments.all.some(needed)) return;
    this.#linked.unlink();
    this.#unpatch?.();
    this.#unpatch = undefined;
  }

  #listeningStopped(): void {
    this.#linked.close();
    this.connections.close();
  }

  /** A `close()` that was taken from the server before us, or from the prototype, still ends idle connections by this. */
  #noticeClose(): void {
    if (this.#close !== undefined || this.server.listening) return;
    this.beginCloseLate();
  }

  #holdEvent(emit: () => void): void {
    this.beginClose();
    const close = this.#close as HeldClose;
    if (!close.hold(emit)) return;
    // Listeners of the last 'close' events may spawn jobs still.
    void this.#whenGone(close).then(() => {
      this.#release(close);
    });
  }

  async #whenGone(close: HeldClose): Promise<void> {
    if (this.server.listening) return;
    this.connections.close();
    await this.connections.whenGone(close.timeLeft);
  }

  #release(close: HeldClose): void {
    const left = close.release();
    if (left === undefined) {
      this.#end(close);
      return;
    }
    this.#warning.restart();
    void left.then(() => {
      this.#end(close);
    });
  }

  #end(close: HeldClose): void {
    this.#close = undefined;
    this.#warning.stop();
    close.emit();
  }
}
