interface Stack {
  readonly stack?: readonly { handle?: unknown }[];
}

/** The middleware that an app uses, in order; of anything else none. */
export function layers(app: object): unknown[] {
  // Express 4 has `_router`, from its first use on, and a `router` that throws; Express 5 has `router`.
  const { _router, lazyrouter } = app as { _router?: Stack; lazyrouter?: unknown };
  const router =
    _router ?? (lazyrouter === undefined ? (app as { router?: Stack }).router : undefined);
  return router?.stack?.map((layer) => layer.handle) ?? [];
}
