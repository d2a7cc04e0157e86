interface Link {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const links = new WeakMap<AbortSignal, Link>();

/**
 * Calls back when the signal aborts. However many wait for one signal, it gets one listener: from the eleventh on
 * Node 20 prints a warning of a leak.
 *
 * @returns undoes it
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let link = links.get(signal);
  if (link === undefined) {
    const callbacks = new Set<() => void>();
    const listener = (): void => {
      // Those that are taken out meanwhile are not called any more.
      for (const each of callbacks) each();
    };
    link = { callbacks, listener };
    links.set(signal, link);
    signal.addEventListener('abort', listener);
  }
  const { callbacks, listener } = link;
  callbacks.add(callback);
  return () => {
    if (!callbacks.delete(callback) || callbacks.size > 0) return;
    signal.removeEventListener('abort', listener);
    links.delete(signal);
  };
}
