import { ResentSignals } from './resent-signals.ts';

/** A signal, or a message of the parent process. */
export type ProcessEvent = NodeJS.Signals | 'message';

type Listener = (payload: unknown) => void;

/**
 * Hands the signals of the process, and the messages of its parent, on: with one listener of the process
 * for each, however many shutdowns wait for it.
 */
class ProcessEvents {
  readonly #listeners = new Map<ProcessEvent, Set<Listener>>();
  readonly #handlers = new Map<ProcessEvent, Listener>();
  readonly #resent = new ResentSignals();

  on(event: ProcessEvent, listener: Listener): void {
    let listeners = this.#listeners.get(event);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(event, listeners);
      const handler: Listener = (payload) => {
        this.#arrived(event, payload);
      };
      this.#handlers.set(event, handler);
      process.on(event as 'message', handler);
      this.#resent.watch();
    }
    listeners.add(listener);
  }

  off(event: ProcessEvent, listener: Listener): void {
    const listeners = this.#listeners.get(event);
    if (listeners?.delete(listener) !== true || listeners.size > 0) return;
    this.#listeners.delete(event);
    process.off(event, this.#handlers.get(event) as Listener);
    this.#handlers.delete(event);
    if (this.#listeners.size === 0) this.#resent.unwatch();
  }

  #arrived(event: ProcessEvent, payload: unknown): void {
    if (event !== 'message' && this.#resent.explains(event)) return;
    // As they are now: one that is added by another has not heard this.
    const listeners = [...(this.#listeners.get(event) ?? [])];
    for (const listener of listeners) listener(payload);
  }
}

// On the process itself, so that two copies of this package do not take two listeners.
const shared: unique symbol = Symbol.for('@outlive/http: process events, version 1') as never;

/** Those of this process. */
export function processEvents(): ProcessEvents {
  const holder = process as { [shared]?: ProcessEvents };
  holder[shared] ??= new ProcessEvents();
  return holder[shared];
}
