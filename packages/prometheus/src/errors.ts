/** The registry has these metrics already: `collectJobs()` was called twice with it. */
export class MetricsRegisteredError extends Error {
  override readonly name = 'MetricsRegisteredError';
  readonly code = 'ERR_METRICS_REGISTERED';
}
