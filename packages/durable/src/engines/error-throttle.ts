/** Time in ms that passes at least between two reports of one message. */
const quietTime = 10_000;

/** So many messages are remembered: some have the id of a job in them. */
const mostMessages = 100;

/**
 * Reports the errors in the background of a store. While a store is down every connection fails again and
 * again: each message is reported once, and again only after the store has answered in between.
 */
export class ErrorThrottle {
  readonly #report: (error: unknown) => void;
  readonly #reportedAt = new Map<string, number>();
  #answeredAt = -Infinity;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  readonly report = (error: unknown): void => {
    const now = performance.now();
    const message = keyOf(error);
    const reportedAt = this.#reportedAt.get(message) ?? -Infinity;
    if (reportedAt > this.#answeredAt || now - reportedAt < quietTime) return;
    if (this.#reportedAt.size >= mostMessages) this.#reportedAt.clear();
    this.#reportedAt.set(message, now);
    this.#report(error);
  };

  storeAnswered(): void {
    this.#answeredAt = performance.now();
  }
}

// The error of a refused connection to several addresses has an empty message: its code tells it apart.
function keyOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return `${String(code)}: ${String(message ?? error)}`;
}
