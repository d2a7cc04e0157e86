// @ts-check
// oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 takes their rejections
// A shop with jobs of all kinds, and the page that shows them.
import { defineJob, memoryBackend, openJobs } from '@outlive/durable';
import { after, jobsMiddleware, Scheduler, spawn } from '@outlive/express';
import { inspector } from '@outlive/inspector';
import express from 'express';
import {
  chargeCard,
  reportSales,
  resizePicture,
  sendReceipt,
  syncWithLegacy,
  tellWarehouse,
} from './work.mjs';

const charge = defineJob('charge-card', chargeCard, { retries: 1, backoff: 500 });

/**
 * @param {(request: express.Request) => boolean} authorize
 */
export async function makeShop(authorize) {
  const web = new Scheduler({ name: 'web', limit: 20, exceptionHandler: () => {} });
  const payments = await openJobs({
    name: 'payments',
    jobs: [charge],
    backend: memoryBackend(),
    limit: 4,
    exceptionHandler: () => {},
  });

  const app = express();
  app.use(
    '/_jobs',
    inspector([web, payments], {
      title: 'Shop jobs',
      authorize,
      payloads: true,
      redact: (payload) => ({ .../** @type {object} */ (payload), card: '•••• 4242' }),
    }),
  );
  app.use(jobsMiddleware(web));

  app.post('/orders/:order', async (req, res) => {
    const { order } = req.params;
    await spawn(req, ({ signal }) => sendReceipt(order, signal), { name: 'send-receipt' });
    await payments.enqueue(charge, { order, total: Number(req.query['total']) });
    res.sendStatus(202);
  });
  app.post('/orders/:order/shipment', async (req, res) => {
    await spawn(req, tellWarehouse, { name: 'tell-warehouse', retry: 3 });
    res.sendStatus(202);
  });
  app.put('/products/:id/picture', async (req, res) => {
    await spawn(req, resizePicture, { name: 'resize-picture' });
    res.sendStatus(202);
  });
  app.get('/reports/sales', (req, res) => {
    after(req, reportSales, { name: 'report-sales', timeout: 120_000 });
    res.sendStatus(202);
  });
  app.post('/legacy', async (req, res) => {
    await spawn(req, syncWithLegacy, { name: 'sync-legacy' });
    res.sendStatus(202);
  });

  return { app, schedulers: [web, payments] };
}
