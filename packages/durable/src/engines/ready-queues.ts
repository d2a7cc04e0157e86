import type { Lease } from '../backend.ts';
import { Waiters } from '../util/waiters.ts';

/** Time in ms between two looks for jobs of which no notification came: with the way there and back, none is more than 1 s late. */
export const pollInterval = 850;

/** A queue that holds jobs. */
export interface Due {
  readonly name: string;
  /** Time in ms until the first of them may start; 0 or less if one may now. */
  readonly delay: number;
}

/** How a poll is made. */
export interface Polling {
  /** Time in ms between two polls. */
  readonly interval: number;
  /** One look at all queues. */
  readonly look: () => Promise<readonly Due[]>;
}

/**
 * The queues that are worth asking: all of them from time to time, since no notification comes for a retry,
 * a delay or an expired lease; in between those that a notification has named.
 */
export class ReadyQueues {
  readonly #names: readonly string[];
  readonly #polling: Polling;
  /** When the first job of a queue may start, in ms of the monotonic clock. */
  readonly #dueAt = new Map<string, number>();
  readonly #ready = new Set<string>();
  /** The claims that wait for a job. */
  readonly #claims = new Waiters();
  #polledAt = -Infinity;
  #turn = 0;

  constructor(names: readonly string[], polling: Polling) {
    this.#names = names;
    this.#polling = polling;
  }

  notify(name: string): void {
    if (!this.#names.includes(name)) return;
    this.#ready.add(name);
    this.#claims.wake();
  }

  /** For when notifications may have been missed. */
  notifyAll(): void {
    this.#polledAt = -Infinity;
    this.#claims.wake();
  }

  /** As `notify()`, in `delay` ms: then the first job of this name may start. */
  notifyAt(name: string, delay: number): void {
    const dueAt = performance.now() + delay;
    if (dueAt < (this.#dueAt.get(name) ?? Infinity)) this.#dueAt.set(name, dueAt);
  }

  /** Time in ms until a queue is worth asking. */
  get untilDue(): number {
    const next = Math.min(this.#polledAt + this.#polling.interval, ...this.#dueAt.values());
    return Math.max(0, next - performance.now());
  }

  /** Whether, as far as is known, no other queue is worth asking. */
  isOnly(name: string): boolean {
    if (this.#names.length === 1) return true;
    if (this.untilDue === 0) return false;
    return this.#ready.size === 0 || (this.#ready.size === 1 && this.#ready.has(name));
  }

  /** Whether this queue has more jobs, and no other one, as far as is known; not where it is time to look at all of them. */
  hasMore(name: string): boolean {
    return this.untilDue > 0 && this.#ready.has(name) && this.isOnly(name);
  }

  /** Looks at all of them, if it is time: for a claim that may not have been notified of some. */
  async lookIfDue(): Promise<void> {
    await this.#poll();
  }

  isReady(names: readonly string[]): boolean {
    return names.some((name) => this.#ready.has(name));
  }

  /**
   * Takes at most `max` jobs out of the queues that are ready. These are not ready any more then, until
   * the next notification. Each gets its share, and what others leave.
   *
   * @param take - takes at most `max` jobs out of one queue; a full count means that there may be more
   * @param limits - the most jobs of some names
   */
  async claim(
    names: readonly string[],
    max: number,
    signal: AbortSignal,
    take: (name: string, max: number) => Promise<Lease[]>,
    limits: ReadonlyMap<string, number> = new Map(),
  ): Promise<Lease[]> {
    const leases: Lease[] = [];
    if (!signal.aborted) await this.#pollBeside(names);
    const left = new Map(limits);
    let turns = this.#takeTurns(names);
    while (turns.length > 0) {
      const share = Math.ceil((max - leases.length) / turns.length);
      const full: string[] = [];
      for (const [index, name] of turns.entries()) {
        const room = left.get(name) ?? Infinity;
        const wanted = Math.min(share, max - leases.length, room);
        if (wanted < 1 || signal.aborted) {
          this.notify(name);
          continue;
        }
        try {
          const taken = await take(name, wanted);
          leases.push(...taken);
          left.set(name, room - taken.length);
          if (taken.length === wanted) full.push(name);
        } catch (error) {
          for (const unasked of [...full, ...turns.slice(index)]) this.notify(unasked);
          // The jobs already taken must not be lost; the next claim will reject with the error.
          if (leases.length === 0) throw error;
          return leases;
        }
      }
      turns = full;
    }
    return leases;
  }

  /**
   * Takes jobs out of one queue.
   *
   * @param take - takes at most `max` jobs; a full count means that there may be more
   */
  async claimMore(name: string, max: number, take: () => Promise<Lease[]>): Promise<Lease[]> {
    this.#ready.delete(name);
    try {
      const leases = await take();
      if (leases.length === max) this.notify(name);
      return leases;
    } catch (error) {
      this.notify(name);
      throw error;
    }
  }

  /** Resolves when it is worth asking again, or on the abort. */
  async wait(names: readonly string[], signal: AbortSignal): Promise<void> {
    if (this.isReady(names)) return;
    await this.#claims.wait(this.untilDue, signal);
  }

  /** Polls, if it is time; jobs of which is known already do not wait for that, unless something else may have been missed. */
  async #pollBeside(names: readonly string[]): Promise<void> {
    const hasMissed = this.#polledAt === -Infinity;
    const polling = this.#poll();
    if (hasMissed || !this.isReady(names)) return polling;
    // One that has failed is repeated by the next claim.
    polling.catch(() => undefined);
  }

  /** Finds the queues that are ready without a notification. */
  async #poll(): Promise<void> {
    const now = performance.now();
    for (const [name, dueAt] of this.#dueAt) {
      if (dueAt > now) continue;
      this.#dueAt.delete(name);
      this.#ready.add(name);
    }
    if (this.#polledAt + this.#polling.interval > now) return;
    this.#polledAt = now;
    try {
      for (const { name, delay } of await this.#polling.look()) {
        if (delay <= 0) this.notify(name);
        else this.notifyAt(name, delay);
      }
    } catch (error) {
      this.#polledAt = -Infinity;
      throw error;
    }
  }

  /** The queues that are ready, each call with another one first, so that a full queue does not starve the others. */
  #takeTurns(names: readonly string[]): string[] {
    const ready = names.filter((name) => this.#ready.has(name));
    for (const name of ready) this.#ready.delete(name);
    this.#turn += 1;
    const first = this.#turn % Math.max(1, ready.length);
    return [...ready.slice(first), ...ready.slice(0, first)];
  }
}
