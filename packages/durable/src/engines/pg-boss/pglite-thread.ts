import { Worker } from 'node:worker_threads';
import { type Deferred, deferred } from '@outlive/core/internal';
import { JobStoreError } from '../../errors.ts';
import { hasRoom } from './disk-room.ts';
import { type Answer, type Call, thrownAs, workerSource } from './pglite-worker-source.ts';

/** Time in ms between two questions whether the thread still runs; asked only while a call waits for its answer. */
const pingInterval = 1_000;
/** Time in ms that opening may take: the first time, PGlite makes a whole database in one piece. */
const openPatience = 120_000;
/** Time in ms without an answer after which a full disk is the reason, if it is full. */
const fullPatience = 5_000;

/** How a thread is made. */
export interface ThreadOptions {
  /** The module of PGlite, as `require()` in any folder finds it. */
  readonly module: string;
  /** Where the database is; in memory without it. */
  readonly dataDir: string | undefined;
  /** Time in ms that PGlite may take for one statement. */
  readonly patience: number;
  /** Called once, when it has ended by itself or had to be ended. */
  readonly onEnd: (reason: Error) => void;
  readonly onNotification: (channel: string, payload: string) => void;
}

/**
 * PGlite in a thread of its own. Its statements run in one piece, in the middle of nothing else: here they would keep
 * every request of the server waiting, and one that never ends (PGlite's answer to a full disk) would be the end of the
 * process. A thread can be ended.
 */
export class PgliteThread {
  readonly #options: ThreadOptions;
  readonly #worker: Worker;
  readonly #calls = new Map<number, Deferred<unknown>>();
  #lastId = 0;
  #pinger: NodeJS.Timeout | undefined;
  /** Questions since the last sign of life. Time itself would count while the whole process stands still. */
  #unanswered = 0;
  #ended: Error | undefined;
  #patience = openPatience;

  constructor(options: ThreadOptions) {
    const { module, dataDir } = options;
    this.#options = options;
    this.#worker = new Worker(workerSource, {
      eval: true,
      workerData: { module, dataDir },
      execArgv: [],
      name: 'outlive-pglite',
    });
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#receive(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('PGlite has ended')));
  }

  /** Whether a call waits for its answer. */
  get isAsked(): boolean {
    return this.#calls.size > 0;
  }

  /** Whether it may never answer any more. */
  get isSilent(): boolean {
    return this.#calls.size > 0 && this.#silence > 2 * pingInterval;
  }

  /** Rejects with what PGlite throws, or when the thread has ended before the answer. */
  call(call: Call): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const answer = deferred<unknown>();
    this.#lastId += 1;
    try {
      this.#send({ ...call, id: this.#lastId });
    } catch (error) {
      answer.reject(error); // a value that no thread can be given
      return answer.promise;
    }
    this.#calls.set(this.#lastId, answer);
    this.#watch();
    return answer.promise;
  }

  async end(reason: Error = new Error('PGlite is closed')): Promise<void> {
    this.#end(reason);
    await this.#worker.terminate();
  }

  #send(message: object): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
    this.#worker.postMessage(message);
  }

  #receive(answer: Answer): void {
    this.#unanswered = 0;
    if (answer.kind === 'pong') return;
    if (answer.kind === 'notification') {
      this.#options.onNotification(answer.channel, answer.payload);
      return;
    }
    const call = this.#calls.get(answer.id);
    this.#calls.delete(answer.id);
    if (this.#calls.size === 0) this.#rest();
    this.#patience = this.#options.patience;
    if (answer.kind === 'thrown') call?.reject(thrownAs(answer));
    else call?.resolve(answer.value);
  }

  /** Holds the process, as a call that waits for a socket would, and asks for signs of life. */
  #watch(): void {
    if (this.#pinger !== undefined) return;
    this.#worker.ref();
    this.#unanswered = 0;
    this.#pinger = setInterval(() => {
      this.#unanswered += 1;
      this.#send({ kind: 'ping' });
      void this.#endIfHung();
    }, pingInterval);
  }

  async #endIfHung(): Promise<void> {
    const isFull = this.#silence > fullPatience && !(await hasRoom(this.#options.dataDir));
    if (this.#silence <= (isFull ? fullPatience : this.#patience)) return;
    const what = `PGlite has not answered for ${this.#silence} ms, and was ended`;
    this.#end(new JobStoreError(`${what}${isFull ? ': its disk is full' : ''}`));
    void this.#worker.terminate();
  }

  /** Time in ms. */
  get #silence(): number {
    return this.#unanswered * pingInterval;
  }

  #rest(): void {
    clearInterval(this.#pinger);
    this.#pinger = undefined;
    this.#worker.unref();
  }

  #end(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#rest();
    for (const call of this.#calls.values()) call.reject(reason);
    this.#calls.clear();
    this.#options.onEnd(reason);
  }
}
