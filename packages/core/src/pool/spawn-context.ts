import { AsyncResource } from 'node:async_hooks';

/**
 * The AsyncLocalStorage context of a `spawn()` call, for a job that starts later: it would see the context of the
 * job whose slot it gets.
 */
export class SpawnContext extends AsyncResource {
  constructor() {
    // The trigger, of use to async hooks alone, is the main script: a small constant takes no room of its own, and
    // given as a number spares two look-ups in Node's defaults
    // (https://github.com/nodejs/node/blob/main/lib/async_hooks.js, the constructor).
    super('OutliveJob', 1);
  }

  /** Without it `jest --detectOpenHandles` reports each as an open handle. */
  hasRef(): boolean {
    return false;
  }
}

/**
 * The context of now, for all jobs of a scheduler. Each job gets a resource of its own in it: with one for all, a
 * job that calls `enterWith()` would show its store to the others on Node 20 and 22.
 */
export function sharedContext(): () => SpawnContext {
  const context = new SpawnContext();
  return () => context.runInAsyncScope(makeContext);
}

const makeContext = (): SpawnContext => new SpawnContext();
