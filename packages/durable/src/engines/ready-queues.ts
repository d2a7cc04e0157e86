import type { Lease } from '../backend.ts';

/** Time in ms after which a queue is asked though nothing says that it has a job. */
export const pollInterval = 2_000;

/**
 * Which queues are worth asking. All of them from time to time, since nothing tells of a retry, a delay
 * or an expired lease; in between those that a notification has named.
 */
export class ReadyQueues {
  readonly #names: readonly string[];
  readonly #ready = new Set<string>();
  #polledAt = -Infinity;
  #turn = 0;
  readonly #rings = new Set<() => void>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  notify(name: string): void {
    this.#ready.add(name);
    this.#ring();
  }

  /** Notifications may have been missed. */
  notifyAll(): void {
    this.#polledAt = -Infinity;
    this.#ring();
  }

  /** Time in ms until all queues are worth asking. */
  get untilPoll(): number {
    return Math.max(0, this.#polledAt + pollInterval - performance.now());
  }

  /**
   * Takes at most `max` jobs out of the queues that are ready. They are not ready any more then, unless
   * something says so again.
   *
   * @param take - takes at most so many out of one queue; as many as that means that there may be more
   */
  async claim(
    names: readonly string[],
    max: number,
    signal: AbortSignal,
    take: (name: string, max: number) => Promise<Lease[]>,
  ): Promise<Lease[]> {
    const leases: Lease[] = [];
    const asked = this.#take(names);
    for (const [index, name] of asked.entries()) {
      const wanted = max - leases.length;
      if (wanted === 0 || signal.aborted) {
        for (const unasked of asked.slice(index)) this.notify(unasked);
        break;
      }
      try {
        const taken = await take(name, wanted);
        if (taken.length === wanted) this.notify(name);
        leases.push(...taken);
      } catch (error) {
        for (const unasked of asked.slice(index)) this.notify(unasked);
        // What has been taken must come through; the next claim will tell of the trouble.
        if (leases.length === 0) throw error;
        break;
      }
    }
    return leases;
  }

  /** Resolves when it is worth asking again, or on the abort. */
  async wait(names: readonly string[], signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.isReady(names)) return;
    let timer: NodeJS.Timeout | undefined;
    let stop: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      stop = resolve;
      this.#rings.add(resolve);
      signal.addEventListener('abort', stop);
      timer = setTimeout(resolve, this.untilPoll);
    });
    clearTimeout(timer);
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }

  isReady(names: readonly string[]): boolean {
    return names.some((name) => this.#ready.has(name));
  }

  #take(names: readonly string[]): string[] {
    if (this.untilPoll === 0) {
      this.#polledAt = performance.now();
      for (const name of this.#names) this.#ready.add(name);
    }
    const ready = names.filter((name) => this.#ready.has(name));
    for (const name of ready) this.#ready.delete(name);
    // Each time another one first: a queue that is never empty must not keep the others from their turn.
    this.#turn += 1;
    const first = this.#turn % Math.max(1, ready.length);
    return [...ready.slice(first), ...ready.slice(0, first)];
  }

  #ring(): void {
    for (const resolve of this.#rings) resolve();
    this.#rings.clear();
  }
}
