import type { Lease } from '../backend.ts';
import { Waiters } from '../util/waiters.ts';

/** Time in ms after which a queue is asked without a notification. */
export const pollInterval = 2_000;

/**
 * The queues that are worth asking: all of them from time to time, since no notification comes for a retry,
 * a delay or an expired lease; in between those that a notification has named.
 */
export class ReadyQueues {
  readonly #names: readonly string[];
  readonly #ready = new Set<string>();
  /** The claims that wait for a job. */
  readonly #claims = new Waiters();
  #polledAt = -Infinity;
  #turn = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  notify(name: string): void {
    this.#ready.add(name);
    this.#claims.wake();
  }

  /** For when notifications may have been missed. */
  notifyAll(): void {
    this.#polledAt = -Infinity;
    this.#claims.wake();
  }

  /** Time in ms until all queues are worth asking. */
  get untilPoll(): number {
    return Math.max(0, this.#polledAt + pollInterval - performance.now());
  }

  isReady(names: readonly string[]): boolean {
    return names.some((name) => this.#ready.has(name));
  }

  /**
   * Takes at most `max` jobs out of the queues that are ready. These are not ready any more then, until
   * the next notification.
   *
   * @param take - takes at most `max` jobs out of one queue; a full count means that there may be more
   */
  async claim(
    names: readonly string[],
    max: number,
    signal: AbortSignal,
    take: (name: string, max: number) => Promise<Lease[]>,
  ): Promise<Lease[]> {
    const leases: Lease[] = [];
    const turns = this.#takeTurns(names);
    for (const [index, name] of turns.entries()) {
      const wanted = max - leases.length;
      if (wanted === 0 || signal.aborted) {
        for (const unasked of turns.slice(index)) this.notify(unasked);
        break;
      }
      try {
        const taken = await take(name, wanted);
        if (taken.length === wanted) this.notify(name);
        leases.push(...taken);
      } catch (error) {
        for (const unasked of turns.slice(index)) this.notify(unasked);
        // The jobs already taken must not be lost; the next claim will reject with the error.
        if (leases.length === 0) throw error;
        break;
      }
    }
    return leases;
  }

  /** Resolves when it is worth asking again, or on the abort. */
  async wait(names: readonly string[], signal: AbortSignal): Promise<void> {
    if (this.isReady(names)) return;
    await this.#claims.wait(this.untilPoll, signal);
  }

  /** The queues that are ready, each call with another one first, so that a full queue does not starve the others. */
  #takeTurns(names: readonly string[]): string[] {
    if (this.untilPoll === 0) {
      this.#polledAt = performance.now();
      for (const name of this.#names) this.#ready.add(name);
    }
    const ready = names.filter((name) => this.#ready.has(name));
    for (const name of ready) this.#ready.delete(name);
    this.#turn += 1;
    const first = this.#turn % Math.max(1, ready.length);
    return [...ready.slice(first), ...ready.slice(0, first)];
  }
}
