// @ts-check
// Jobs while something watches them: what of that each job pays, at the place where it is published.
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { logJobs, observe, Scheduler } from '@outlive/core';
import { inspector } from '@outlive/inspector';
import { OutliveInstrumentation } from '@outlive/opentelemetry';
import { collectJobs } from '@outlive/prometheus';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { MetricReader } from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, NoopSpanProcessor } from '@opentelemetry/sdk-trace';

/** @typedef {import('../measure/interleave.mjs').Block} Block */
/** @typedef {keyof typeof watchers} Watcher */

const nothing = () => undefined;

/** Reads when it is asked, which it never is: what is measured is the recording. */
class IdleReader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

/** What an app starts, in the way that its documentation says. Spans end where they would be handed to an exporter. */
const watchers = {
  nobody: nothing,
  'one subscriber': () => observe('outlive:job:settle', nothing),
  logJobs: () => logJobs({ debug: nothing, info: nothing, warn: nothing, error: nothing }),
  prometheus: () => collectJobs(),
  'opentelemetry metrics': () => startTelemetry({ metricReaders: [new IdleReader()] }),
  'opentelemetry traces': () => startTelemetry({ spanProcessors: [new NoopSpanProcessor()] }),
  'opentelemetry traces not sampled': () =>
    startTelemetry({
      spanProcessors: [new NoopSpanProcessor()],
      sampler: new AlwaysOffSampler(),
    }),
  opentelemetry: () =>
    startTelemetry({
      metricReaders: [new IdleReader()],
      spanProcessors: [new NoopSpanProcessor()],
    }),
  /** @param {Scheduler} scheduler */
  inspector: (scheduler) => inspector(scheduler, { authorize: () => true }),
  'inspector open': openPage,
};

/** @param {Partial<import('@opentelemetry/sdk-node').NodeSDKConfiguration>} configuration */
function startTelemetry(configuration) {
  const sdk = new NodeSDK({
    autoDetectResources: false,
    instrumentations: [new OutliveInstrumentation()],
    metricReaders: [],
    spanProcessors: [],
    logRecordProcessors: [],
    ...configuration,
  });
  sdk.start();
}

/** @param {Scheduler} scheduler */
async function openPage(scheduler) {
  const server = createServer(inspector(scheduler, { authorize: () => true }));
  await once(server.listen(0, '127.0.0.1').unref(), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const [response] = await once(get({ port, path: '/events' }), 'response');
  response.resume().socket.unref();
}

/** One named job after the other, each result awaited. @param {{ watcher: Watcher, count: number }} options @returns {Promise<Block>} */
export async function watched({ watcher, count }) {
  const scheduler = new Scheduler({ name: 'shop', limit: 100 });
  await watchers[watcher](scheduler);
  let ran = 0;
  const work = async () => {
    ran += 1;
    return ran;
  };
  return async () => {
    ran = 0;
    for (let index = 0; index < count; index += 1) {
      const job = await scheduler.spawn(work, { name: 'mail' });
      await job.wait();
    }
    const check = () => {
      if (ran !== count) throw new Error(`${ran} of ${count} jobs ran`);
    };
    return { count, check };
  };
}
