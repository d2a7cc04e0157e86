// @ts-check
// An order service. An order and the job that sends its receipt are stored in one transaction: neither
// exists without the other, whenever the process is killed. Needs Node 22.12 or newer.
//   npm run example @outlive/example-durable
//   curl -X POST localhost:3000/orders -H 'content-type: application/json' -d '{"item":"tea"}'
import { appendFileSync } from 'node:fs';
import express from 'express';
import { defineJob, openJobs } from '@outlive/durable';
import { gracefulShutdown, jobsMiddleware, readiness, spawn } from '@outlive/express';

const sendReceipt = defineJob(
  'send-receipt',
  /** @param {{ orderId: number }} payload @param {import('@outlive/durable').DurableJobContext} context */
  async ({ orderId }, { id, attempt }) => {
    // It may run twice: the receiver drops a second receipt with the same id.
    appendFileSync('receipts.log', `order ${orderId}, idempotency key ${id}, attempt ${attempt}\n`);
  },
);

// One process on a directory. For several: DATABASE_URL=postgres://…
const store = process.env['DATABASE_URL'] ?? '.jobs';
const jobs = await openJobs({ jobs: [sendReceipt], store, limit: 10 });

await jobs.transaction((tx) =>
  tx.query('create table if not exists orders (id serial primary key, item text not null)'),
);

const app = express();
app.use(express.json(), jobsMiddleware(jobs));

// Express 5 passes the rejections of these on to its error handling.
/* oxlint-disable oxc/no-async-endpoint-handlers */
app.post('/orders', async (req, res) => {
  const orderId = await jobs.transaction(async (tx) => {
    const sql = 'insert into orders (item) values ($1) returning id';
    const { rows } = await tx.query(sql, [req.body.item]);
    const id = Number(rows[0]?.['id']);
    await jobs.enqueue(sendReceipt, { orderId: id }, { tx });
    return id;
  });
  res.status(201).json({ orderId });
});

app.post('/orders/:id/receipt', async (req, res) => {
  // Another receipt, on request: there is nothing else to store with it.
  await spawn(req, sendReceipt, { orderId: Number(req.params.id) });
  res.sendStatus(202);
});

const server = app.listen(Number(process.env['PORT'] ?? 3000), () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`listening on port ${port}`);
});
const shutdown = gracefulShutdown(server, { scheduler: jobs });
app.get('/ready', readiness(shutdown));
