const quietTime = 10_000;

/**
 * What a backend tells of troubles in its background. A store that is down makes every connection fail
 * again and again: each message is told once, and again only when the store has worked in between.
 */
export class Outages {
  readonly #tell: (error: unknown) => void;
  readonly #toldAt = new Map<string, number>();
  #workedAt = -Infinity;

  constructor(tell: (error: unknown) => void) {
    this.#tell = tell;
  }

  readonly tell = (error: unknown): void => {
    const now = performance.now();
    const message = keyOf(error);
    const toldAt = this.#toldAt.get(message) ?? -Infinity;
    // One that comes and goes while the store works is told from time to time.
    if (toldAt > this.#workedAt || now - toldAt < quietTime) return;
    this.#toldAt.set(message, now);
    this.#tell(error);
  };

  /** The store has answered. */
  over(): void {
    this.#workedAt = performance.now();
  }
}

// Of a refused connection to several addresses, the message is empty.
function keyOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return `${String(code)}: ${String(message ?? error)}`;
}
