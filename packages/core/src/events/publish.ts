import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Channel } from 'node:diagnostics_channel';

/**
 * What an active channel consists of, on every Node so far:
 * https://github.com/nodejs/node/blob/main/lib/diagnostics_channel.js
 */
interface Inside {
  readonly _subscribers?: readonly Subscriber[];
  readonly _stores?: ReadonlyMap<AsyncLocalStorage<unknown>, Transform | undefined>;
}

type Subscriber = (event: unknown, name: string | symbol) => void;
type Transform = (event: unknown) => unknown;

/**
 * `channel.publish()`, but for this: what a subscriber throws is printed. Node raises `uncaughtException` with it,
 * which would end a server because of what merely watches its jobs.
 */
export function publish(channel: Channel, event: object): void {
  const { _subscribers: subscribers } = channel as Inside;
  if (!Array.isArray(subscribers)) {
    channel.publish(event);
    return;
  }
  for (const subscriber of subscribers as Subscriber[]) {
    try {
      subscriber(event, channel.name);
    } catch (error) {
      printFailure(channel, error);
    }
  }
}

/** `channel.runStores()`, with the same difference: `run()` is called inside the stores that are bound to the channel. */
export function runStores(channel: Channel, event: object, run: () => void): void {
  const { _subscribers: subscribers, _stores: stores } = channel as Inside;
  if (!Array.isArray(subscribers) || typeof stores?.forEach !== 'function') {
    channel.runStores(event, run);
    return;
  }
  let entered = (): void => {
    publish(channel, event);
    run();
  };
  stores.forEach((transform, store) => {
    const inner = entered;
    entered = () => {
      let value: unknown = event;
      try {
        if (transform !== undefined) value = transform(event);
      } catch (error) {
        printFailure(channel, error);
        inner();
        return;
      }
      store.run(value, inner);
    };
  });
  entered();
}

function printFailure({ name }: Channel, error: unknown): void {
  try {
    console.error('[outlive] A subscriber of %s failed:', name, error);
  } catch {
    // An error that cannot be inspected, say with a `stack` getter that throws.
  }
}
