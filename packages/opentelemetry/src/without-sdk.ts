import type { Meter, Tracer } from '@opentelemetry/api';

/**
 * Whether it is what the API gives while there is no SDK. By its name: the API as an ES module and as a CommonJS one are
 * two copies, with a class of that name each. (Where a bundler has changed the names, spans that go nowhere are made.)
 */
export function isWithoutSdk({ constructor }: Tracer | Meter): boolean {
  return /^(ProxyTracer|NoopTracer|NoopMeter)$/.test(constructor.name);
}
