import { JobStoreError } from '../../errors.ts';
import { reasonOf } from '../../store-failure.ts';
import { pause, within } from '../../util/waiting.ts';
import { hasRoom } from './disk-room.ts';
import { parsed, type QueryOptions, type Result, rowOptions } from './pglite-rows.ts';
import { PgliteThread } from './pglite-thread.ts';
import { PgliteTransaction } from './pglite-transaction.ts';

/** Time in ms that PGlite may take for one statement, or to open. */
const patience = 30_000;
/** Time in ms that a transaction may ask nothing while others wait for it: less than the leases that wait to be renewed. */
const longestRest = 15_000;
/** Time in ms between two tries to open it anew. */
const reopenPause = 2_000;
/** Time in ms after which it is tried even without room on the disk. */
const longestWithoutRoom = 60_000;
/** Time in ms that closing may take, in which all that is in memory is written. */
const closePatience = 10_000;

/** How a database is made. */
export interface DatabaseOptions {
  readonly module: string;
  readonly dataDir: string | undefined;
  readonly onError: (error: unknown) => void;
  /** @defaultValue 30 s */
  readonly patience?: number | undefined;
  /** @defaultValue 15 s */
  readonly longestRest?: number | undefined;
}

/**
 * PGlite in a thread, with those of its methods that a store needs. One that does not answer is ended and opened anew: what
 * it had acknowledged is there then, and the calls that waited have been rejected.
 */
export class PgliteDatabase {
  readonly #options: DatabaseOptions;
  readonly #listeners = new Map<string, Set<(payload: string) => void>>();
  /** Called when notifications may have been missed. */
  readonly #gaps = new Set<() => void>();
  #thread: PgliteThread;
  #closed = false;

  private constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#thread = this.#start();
  }

  static async open(options: DatabaseOptions): Promise<PgliteDatabase> {
    const database = new PgliteDatabase(options);
    try {
      await database.#thread.call({ kind: 'open' });
      return database;
    } catch (error) {
      database.#closed = true;
      await database.#thread.end();
      throw error;
    }
  }

  async query<T = Record<string, unknown>>(
    text: string,
    values?: unknown[],
    options?: QueryOptions,
  ): Promise<Result<T>> {
    const call = { kind: 'query', text, values, options: rowOptions(options) } as const;
    return parsed<T>(await this.#thread.call(call), options);
  }

  /** One result for each statement of the text. */
  async exec<T = Record<string, unknown>>(text: string): Promise<Result<T>[]> {
    const results = (await this.#thread.call({ kind: 'exec', text })) as unknown[];
    return Array.from(results, (result) => parsed<T>(result));
  }

  /** @throws JobStoreError (rejects) where it rests while others wait for its end */
  async transaction<T>(work: (tx: Pick<PgliteDatabase, 'query'>) => Promise<T>): Promise<T> {
    // All of it on one thread: of a new one no statement belongs to this transaction.
    const transaction = await PgliteTransaction.begin(this.#thread);
    const tx = {
      async query<R>(text: string, values?: unknown[], options?: QueryOptions) {
        return transaction.query<R>(text, values, options);
      },
    };
    return transaction.run(async () => work(tx), this.#options.longestRest ?? longestRest);
  }

  async listen(
    channel: string,
    onNotification: (payload: string) => void,
  ): Promise<() => Promise<void>> {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(onNotification));
    await this.#thread.call({ kind: 'listen', channel });
    return async () => {
      listeners.delete(onNotification);
      if (!this.#closed) await this.#thread.call({ kind: 'unlisten', channel });
    };
  }

  /** Calls `onGap` when notifications may have been missed. */
  onGap(onGap: () => void): void {
    this.#gaps.add(onGap);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // Ended in the midst of anything, it loses nothing that it has acknowledged.
    if (!this.#thread.isSilent) await within(closePatience, this.#thread.call({ kind: 'close' }));
    await this.#thread.end();
  }

  #start(): PgliteThread {
    return new PgliteThread({
      ...this.#options,
      patience: this.#options.patience ?? patience,
      onEnd: (reason) => {
        if (!this.#closed) void this.#startAnew(reason);
      },
      onNotification: (channel, payload) => {
        for (const listener of this.#listeners.get(channel) ?? []) listener(payload);
      },
    });
  }

  async #startAnew(reason: Error): Promise<void> {
    this.#options.onError(
      reason instanceof JobStoreError
        ? reason
        : new JobStoreError(`PGlite has ended: ${reason.message}`),
    );
    await this.#untilRoom();
    if (this.#closed) return;
    const thread = this.#start();
    this.#thread = thread;
    try {
      await thread.call({ kind: 'open' });
      for (const channel of this.#listeners.keys()) await thread.call({ kind: 'listen', channel });
      for (const onGap of this.#gaps) onGap();
    } catch (error) {
      // Which begins anew.
      await thread.end(new JobStoreError(`PGlite cannot be opened anew: ${reasonOf(error)}`));
    }
  }

  /** Without room it would hang again. */
  async #untilRoom(): Promise<void> {
    const until = performance.now() + longestWithoutRoom;
    do await pause(reopenPause);
    while (!this.#closed && performance.now() < until && !(await hasRoom(this.#options.dataDir)));
  }
}
