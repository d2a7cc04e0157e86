// @ts-check
// The traces of the shop, loaded before it:  npm run traced -w @outlive/example-shop
// Each span is a line. With OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 traces and metrics go to that collector instead.
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { OutliveInstrumentation } from '@outlive/opentelemetry';

const toCollector = process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] !== undefined;

/**
 * A line for each span: the first digits of its trace, of the trace that it links to, and what it is.
 * @type {NonNullable<NonNullable<ConstructorParameters<typeof NodeSDK>[0]>['traceExporter']>}
 */
const lines = {
  export(spans, done) {
    for (const span of spans) {
      const own = span.spanContext().traceId.slice(0, 8);
      const links = span.links.map(({ context }) => ` (from ${context.traceId.slice(0, 8)})`);
      const path = span.attributes['url.path'];
      const [seconds, nanoseconds] = span.duration;
      const ms = Math.round(seconds * 1_000 + nanoseconds / 1e6);
      const what = typeof path === 'string' ? `${span.name} ${path}` : span.name;
      console.log(`trace ${own}${links.join('')} ${what} ${ms} ms`);
    }
    done({ code: 0 });
  },
  async shutdown() {},
};

if (!toCollector) {
  // Metrics and logs would go to a collector by themselves.
  process.env['OTEL_METRICS_EXPORTER'] ??= 'none';
  process.env['OTEL_LOGS_EXPORTER'] ??= 'none';
  // ms after which spans are printed.
  process.env['OTEL_BSP_SCHEDULE_DELAY'] ??= '200';
}
const sdk = new NodeSDK({
  serviceName: 'shop',
  ...(!toCollector && { traceExporter: lines }),
  instrumentations: [new HttpInstrumentation(), new OutliveInstrumentation()],
});
sdk.start();
// When the shutdown is over and nothing holds the process any more: what has not been sent is sent.
process.once('beforeExit', () => void sdk.shutdown());
