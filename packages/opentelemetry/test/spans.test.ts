import {
  context as contexts,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Scheduler } from '@outlive/core';
import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
import { instrumentOutlive } from '@outlive/opentelemetry';
import { until } from '@outlive/test-support/conditions';

beforeAll(() => propagation.setGlobalPropagator(new W3CTraceContextPropagator()));
afterAll(() => propagation.disable());

const receipt = defineJob('receipt', () => undefined);

function traced() {
  const spans = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
  });
  const instrumentation = instrumentOutlive();
  instrumentation.setTracerProvider(provider);
  const kinds = (kind: SpanKind) => spans.getFinishedSpans().filter((span) => span.kind === kind);
  return { kinds, provider, [Symbol.dispose]: () => instrumentation.disable() };
}

it('many jobs that are stored by one call have one producer, which says how many they are', async () => {
  using telemetry = traced();
  await using jobs = await openJobs({ jobs: [receipt], backend: memoryBackend() });
  await jobs.enqueueMany(receipt, [{}, {}]);
  await until(() => telemetry.kinds(SpanKind.CONSUMER).length === 2);
  const [send, ...others] = telemetry.kinds(SpanKind.PRODUCER);
  expect(others).toEqual([]);
  expect(send).toMatchObject({
    name: 'send receipt',
    attributes: { 'messaging.batch.message_count': 2, 'messaging.operation.type': 'send' },
  });
  const linked = telemetry.kinds(SpanKind.CONSUMER).flatMap(({ links }) => links);
  const id = send?.spanContext().spanId;
  expect(linked.map(({ context }) => context.spanId)).toEqual([id, id]);
});

it('one job has the id of its message, at its producer and at its run', async () => {
  using telemetry = traced();
  await using jobs = await openJobs({ jobs: [receipt], backend: memoryBackend() });
  const id = await jobs.enqueue(receipt, {});
  await until(() => telemetry.kinds(SpanKind.CONSUMER).length === 1);
  const attributes = { 'messaging.message.id': id, 'messaging.system': 'outlive' };
  expect(telemetry.kinds(SpanKind.PRODUCER)).toMatchObject([{ attributes }]);
  expect(telemetry.kinds(SpanKind.CONSUMER)).toMatchObject([{ attributes }]);
});

it('a job that could not be stored has a producer that has failed', async () => {
  using telemetry = traced();
  const backend = Object.assign(memoryBackend(), {
    enqueue: async () => Promise.reject(new Error('the disk is full')),
  });
  await using jobs = await openJobs({ jobs: [receipt], backend, work: false });
  await expect(jobs.enqueue(receipt, {})).rejects.toThrow('could not be stored');
  await until(() => telemetry.kinds(SpanKind.PRODUCER).length === 1);
  const [send] = telemetry.kinds(SpanKind.PRODUCER);
  expect(send).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'JobNotStoredError' },
  });
  expect(send?.events.map(({ name }) => name)).toEqual(['exception']);
});

it('a job that a schedule stores has a producer, in a trace of its own', async () => {
  using telemetry = traced();
  const tick = defineJob('tick', () => undefined, { schedule: '* * * * * *' });
  const jobs = await openJobs({ jobs: [tick], backend: memoryBackend() });
  await until(() => telemetry.kinds(SpanKind.CONSUMER).length > 0);
  const [send] = telemetry.kinds(SpanKind.PRODUCER);
  expect(send?.parentSpanContext).toBeUndefined();
  const [run] = telemetry.kinds(SpanKind.CONSUMER);
  expect(run?.links).toMatchObject([{ context: { spanId: send?.spanContext().spanId } }]);
  await jobs.close();
});

it.each(['caller', 'scheduler'] as const)(
  'a job links to the span of its spawn where jobs see the context of the %s',
  async (context) => {
    using telemetry = traced();
    contexts.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const scheduler = new Scheduler({ limit: 1, context });
    const tracer = telemetry.provider.getTracer('app');
    const first = await scheduler.spawn(async () => new Promise(setImmediate), { name: 'first' });
    const id = await tracer.startActiveSpan('request', async (span) => {
      await scheduler.spawn(() => undefined, { name: 'second' });
      span.end();
      return span.spanContext().spanId;
    });
    await first.wait();
    await scheduler.idle();
    contexts.disable();
    const jobs = telemetry.kinds(SpanKind.INTERNAL).filter(({ name }) => name.startsWith('job'));
    const links = jobs.map(({ name, links: own }) => [
      name,
      own.map((link) => link.context.spanId),
    ]);
    expect(Object.fromEntries(links)).toEqual({ 'job first': [], 'job second': [id] });
  },
);

it('traces and counts as soon as there is an SDK, whenever that comes', async () => {
  const instrumentation = instrumentOutlive();
  const scheduler = new Scheduler({ name: 'early' });
  await (await scheduler.spawn(() => 1)).wait();

  using telemetry = traced();
  trace.setGlobalTracerProvider(telemetry.provider);
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  await (await scheduler.spawn(() => 1)).wait();
  // One of each instrumentation.
  expect(telemetry.kinds(SpanKind.INTERNAL)).toHaveLength(2);
  await reader.forceFlush();
  const named = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    .filter(({ descriptor }) => descriptor.name === 'outlive.jobs.completed');
  expect(named.flatMap(({ dataPoints }) => dataPoints.map(({ value }) => value))).toEqual([2]);
  await reader.shutdown();
  instrumentation.disable();
  trace.disable();
  metrics.disable();
});
