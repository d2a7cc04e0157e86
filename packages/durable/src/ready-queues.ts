const pollInterval = 2_000;

/**
 * Which queues are worth asking. All of them from time to time, since nothing tells of a retry, a delay
 * or an expired lease; in between those that a notification has named.
 */
export class ReadyQueues {
  readonly #names: readonly string[];
  readonly #ready = new Set<string>();
  #polledAt = -Infinity;
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

  /** The queues to ask now, which are not ready any more unless something says so again. */
  take(names: readonly string[]): string[] {
    const now = performance.now();
    if (now - this.#polledAt >= pollInterval) {
      this.#polledAt = now;
      for (const name of this.#names) this.#ready.add(name);
    }
    const ready = names.filter((name) => this.#ready.has(name));
    for (const name of ready) this.#ready.delete(name);
    return ready;
  }

  /** Resolves when it is worth asking again, or on the abort. */
  async wait(names: readonly string[], signal: AbortSignal): Promise<void> {
    if (signal.aborted || names.some((name) => this.#ready.has(name))) return;
    let timer: NodeJS.Timeout | undefined;
    let stop: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      stop = resolve;
      this.#rings.add(resolve);
      signal.addEventListener('abort', stop);
      timer = setTimeout(resolve, this.#polledAt + pollInterval - performance.now());
    });
    clearTimeout(timer);
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }

  #ring(): void {
    for (const resolve of this.#rings) resolve();
    this.#rings.clear();
  }
}
