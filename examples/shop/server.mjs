// @ts-check
// The shop. Orders and the jobs that send their receipts are in one database, by one transaction: neither is there without
// the other, whenever the process is killed. Needs Node 22.12 or newer.
//   npm run example @outlive/example-shop     the jobs: http://localhost:3000/_jobs
// The database is a directory, `.shop`; with DATABASE_URL=postgres://… it is that PostgreSQL, for any number of processes.
import fastify from 'fastify';
import { openJobs } from '@outlive/durable';
import { gracefulShutdown, jobsPlugin, readiness, requestSignal, spawn } from '@outlive/fastify';
import { inspectorPlugin } from '@outlive/inspector';
import { createTables, findOrder, placeOrder } from './orders.mjs';
import { sendReceipt } from './receipts.mjs';

const { PORT = '3000', DATABASE_URL = '.shop' } = process.env;
const app = fastify({ logger: { level: process.env['LOG_LEVEL'] ?? 'warn' } });

const jobs = await openJobs({
  jobs: [sendReceipt],
  store: DATABASE_URL,
  limit: 20,
  exceptionHandler: ({ exception, job }) => app.log.error({ err: exception, job: job?.name }),
});
await createTables(jobs);
await app.register(jobsPlugin, { scheduler: jobs });
// Without `authorize`, for whoever is on this machine and only to look.
await app.register(inspectorPlugin, { prefix: '/_jobs', scheduler: jobs, readOnly: true });

// Atomic: whoever hangs up has ordered all the same. The client chooses the id, and may ask again.
app.post('/orders', { config: { atomic: true } }, async (request, reply) => {
  const order = /** @type {import('./receipts.mjs').Order} */ (request.body);
  await placeOrder(jobs, order);
  return reply.code(201).send({ id: order.id });
});

app.get('/orders/:id', async (request, reply) => {
  const { id } = /** @type {{ id: string }} */ (request.params);
  const order = await findOrder(jobs, id);
  return order ?? reply.code(404).send({ error: 'no such order' });
});

// A plain background job: nobody misses it when the process dies.
app.post('/views', async (request, reply) => {
  const signal = requestSignal(request);
  await spawn(request, async () => request.log.info({ left: signal.aborted }, 'counted a view'));
  return reply.code(202).send();
});

app.get('/depth', () => jobs.depth());

const shutdown = gracefulShutdown(app, {
  delay: Number(process.env['DELAY'] ?? 0),
  scheduler: jobs,
  logger: {
    info: (message) => console.log(message),
    warn: (message) => console.log(message),
    error: (message, error) => console.error(message, error),
  },
});
app.get('/ready', readiness(shutdown));

await app.listen({ port: Number(PORT) });
const { port } = /** @type {import('node:net').AddressInfo} */ (app.server.address());
console.log(`listening on port ${port}, the jobs: http://localhost:${port}/_jobs`);
