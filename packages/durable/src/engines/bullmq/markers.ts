import { pause } from '../../util/waiting.ts';
import type { ReadyQueues } from '../ready-queues.ts';
import type { Redis } from './redis.ts';

// A queue of BullMQ has a marker, a sorted set that gets a member when there is a job to fetch; a waiting
// worker removes it. BullMQ waits on one connection for each queue. Here one connection waits for all of
// them, and only while this process wants a job, so that it takes no marker from another process.
// Everything that depends on how markers look is in this file. Without markers, polling finds every job
// some seconds later.

/** Time in ms that a wait takes which nothing can end. */
const longestWait = 1_000;

/** Waits for jobs, and wakes the processes that wait. */
export class Markers {
  readonly #redis: Redis;
  readonly #blocking: Redis;
  readonly #names: ReadonlyMap<string, string>;
  #blockingId: Promise<number> | undefined;
  #isWaiting = false;

  /**
   * @param blocking - the connection that waits
   * @param names - the queues, by the keys of their markers
   */
  constructor(redis: Redis, blocking: Redis, names: ReadonlyMap<string, string>) {
    this.#redis = redis;
    this.#blocking = blocking;
    this.#names = names;
    blocking.on('close', () => {
      this.#blockingId = undefined;
    });
  }

  /** Resolves when it is worth asking these queues again, or soon after the abort. */
  async wait(names: readonly string[], queues: ReadyQueues, signal: AbortSignal): Promise<void> {
    if (signal.aborted || queues.isReady(names)) return;
    if (this.#isWaiting) return queues.wait(names, signal);
    this.#isWaiting = true;
    try {
      const name = await this.#pop(names, queues, signal);
      if (name === undefined) return;
      if (signal.aborted) await this.wake(name);
      else queues.notify(name);
    } catch {
      // The connection is down, as its error listener reports. Its id may have been asked for while it was.
      this.#blockingId = undefined;
      await queues.wait(names, signal);
    } finally {
      this.#isWaiting = false;
    }
  }

  /** Wakes one of the processes that wait for a job of this name. */
  async wake(name: string): Promise<void> {
    for (const [key, each] of this.#names) {
      if (each === name) await this.#redis.zadd(key, 0, '0').catch(() => undefined);
    }
  }

  /** Takes the next marker that comes before a queue is worth asking anyway; gives the name of its queue. */
  async #pop(
    names: readonly string[],
    queues: ReadyQueues,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const id = await this.#idOfBlocking();
    const keys = [...this.#names].flatMap(([key, name]) => (names.includes(name) ? [key] : []));
    for (;;) {
      // Of a wait that cannot be ended, nothing is left soon after an abort.
      const left = Math.min(queues.untilDue, id === undefined ? longestWait : Infinity);
      if (left < 1 || signal.aborted) return undefined;
      const popped = await this.#unblocked(id, signal, this.#blocking.bzpopmin(keys, left / 1_000));
      if (popped === null) return undefined;
      const [key, , dueAt] = popped;
      const name = this.#names.get(key) ?? '';
      // The marker of a delayed job holds its time.
      const delay = Number(dueAt) - Date.now();
      if (delay <= 0) return name;
      queues.notifyAt(name, delay);
    }
  }

  /** By which another connection ends its wait; `undefined` in a cluster, where that may be one to another node. */
  async #idOfBlocking(): Promise<number | undefined> {
    if (this.#blocking.isCluster) return undefined;
    return (this.#blockingId ??= this.#blocking.client('ID'));
  }

  /** Ends a blocking command at the abort: the next marker belongs to another process then. */
  async #unblocked<T>(
    id: number | undefined,
    signal: AbortSignal,
    blocked: Promise<T>,
  ): Promise<T> {
    if (id === undefined) return blocked;
    const command = { isOver: false };
    const unblock = async (): Promise<void> => {
      // Again and again, since the blocking command may arrive later on the other connection.
      while (!command.isOver) {
        await this.#redis.client('UNBLOCK', id).catch(() => undefined);
        await pause(50);
      }
    };
    const listener = (): void => void unblock();
    signal.addEventListener('abort', listener);
    try {
      return await blocked;
    } finally {
      command.isOver = true;
      signal.removeEventListener('abort', listener);
    }
  }
}
