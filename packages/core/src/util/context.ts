import { AsyncResource } from 'node:async_hooks';

/** An AsyncLocalStorage context to come back to. */
export class Context extends AsyncResource {
  /** Without it `jest --detectOpenHandles` reports each as an open handle. */
  hasRef(): boolean {
    return false;
  }
}

/**
 * The context of nobody: what is started here keeps no caller's in memory, as a long timer or a promise that is
 * followed for long would do with the request that happened to begin it.
 */
export const outside: Context = new Context('OutliveOutside');
