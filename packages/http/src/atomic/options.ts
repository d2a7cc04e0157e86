/** How an atomic handler runs. Everything is optional. */
export interface AtomicOptions {
  /** Of its job; larger starts earlier. @defaultValue `1`, so that requests go before background jobs */
  readonly priority?: number | undefined;
  /** Run time in ms after which the handler's signal aborts; its slot and its answer still wait for it. @defaultValue no limit */
  readonly timeout?: number | undefined;
  /** Of its job. @defaultValue the handler's own name */
  readonly name?: string | undefined;
  /** Drop a handler whose client left while it was queued, rather than run it all the same. @defaultValue `false` */
  readonly skipDisconnected?: boolean | undefined;
  /** Where there is no room: answer 503 at once, or wait for room as `spawn()` does. @defaultValue `'reject'` */
  readonly overload?: 'reject' | 'wait' | undefined;
  /** Gives the `key` of its job, of a request in the framework's own form: whose limit it counts for. @defaultValue no key */
  // oxlint-disable-next-line typescript/no-explicit-any -- each framework has another form
  readonly key?: ((request: any) => string | undefined) | undefined;
}
