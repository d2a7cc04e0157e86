import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { defineJob, type DurableJobs, memoryBackend, openJobs } from '@outlive/durable';
import * as forExpress from '@outlive/express';
import * as forFastify from '@outlive/fastify';
import * as forKoa from '@outlive/koa';

const sent: string[] = [];
let sending = deferred<void>();

const sendReceipt = defineJob('send-receipt', async ({ orderId }: { orderId: string }) => {
  await sending.promise;
  sent.push(orderId);
});

/** An order service: its answer is what storing the receipt's job came to. */
interface Service {
  readonly url: string;
  close(): Promise<void>;
}

const services: Record<string, (jobs: DurableJobs) => Promise<Service>> = {
  async Fastify(jobs) {
    const app = fastify();
    await app.register(forFastify.jobsPlugin, { scheduler: jobs });
    app.post('/orders/:orderId', async ({ raw: request, params }, reply) => {
      const { orderId } = params as { orderId: string };
      const id = await forFastify.spawn(request, sendReceipt, { orderId });
      return reply.code(202).send({ id });
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    return { url, close: async () => app.close() };
  },

  async Express(jobs) {
    const app = express();
    app.use(forExpress.jobsMiddleware(jobs));
    // Express 5 takes care of what these reject with.
    /* oxlint-disable-next-line oxc/no-async-endpoint-handlers */
    app.post('/orders/:orderId', async (request, response) => {
      const id = await forExpress.spawn(request, sendReceipt, { orderId: request.params.orderId });
      response.status(202).json({ id });
    });
    return listening(app.listen(0, '127.0.0.1'));
  },

  async Koa(jobs) {
    const app = new Koa();
    app.silent = true; // it would print the error that the test is about
    app.use(forKoa.jobsMiddleware(jobs));
    app.use(async (context) => {
      const orderId = context.path.split('/').at(-1) ?? '';
      const id = await forKoa.spawn(context, sendReceipt, { orderId });
      context.status = 202;
      context.body = { id };
    });
    return listening(app.listen(0, '127.0.0.1'));
  },
};

async function listening(server: Server): Promise<Service> {
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

describe.each(Object.entries(services))('a durable job of a request to %s', (_, serve) => {
  beforeEach(() => {
    sent.length = 0;
    sending = deferred();
  });

  it('is stored when the answer is sent; the close of the server lets it end, and leaves the store open', async () => {
    await using jobs = await openJobs({ jobs: [sendReceipt], backend: memoryBackend() });
    const service = await serve(jobs);
    const response = await fetch(`${service.url}/orders/7`, { method: 'POST' });
    const { id } = (await response.json()) as { id: string };
    expect([response.status, typeof id]).toEqual([202, 'string']);
    while ((await jobs.depth())['send-receipt']?.active !== 1) await new Promise(setImmediate);
    const closing = service.close();
    sending.resolve();
    await closing;
    await jobs.idle();
    expect(sent).toEqual(['7']);
    expect(await jobs.enqueue(sendReceipt, { orderId: '8' })).not.toBeNull();
  });

  it('is answered with an error when the store does not take it', async () => {
    const backend = memoryBackend();
    backend.enqueue = async () => Promise.reject(new Error('The store is down'));
    await using jobs = await openJobs({ jobs: [sendReceipt], backend });
    const service = await serve(jobs);
    const response = await fetch(`${service.url}/orders/7`, { method: 'POST' });
    expect(response.status).toBe(500);
    expect(sent).toEqual([]);
    await service.close();
  });
});

describe('a durable job that waits in the store while an app of Fastify shuts down', () => {
  it('is left to other processes, however long the plugins take to close: none is started to be cancelled', async () => {
    sent.length = 0;
    sending = deferred();
    const jobs = await openJobs({ jobs: [sendReceipt], backend: memoryBackend() });
    const app = fastify();
    await app.register(forFastify.jobsPlugin, { scheduler: jobs });
    const { exitCode } = process;
    const [begun, goOn] = [deferred<void>(), deferred<void>()];
    app.addHook('onClose', async () => {
      begun.resolve();
      await goOn.promise;
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const handle = forFastify.gracefulShutdown(app, { scheduler: jobs, signals: [] });
    const shutdown = handle.shutdown();
    await begun.promise;
    await jobs.enqueue(sendReceipt, { orderId: '9' });
    await settled();
    const startedCount = jobs.activeCount;
    goOn.resolve();
    const { cancelled } = await shutdown;
    process.exitCode = exitCode;
    expect([startedCount, cancelled.length]).toEqual([0, 0]);
  });
});
