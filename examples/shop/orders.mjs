// @ts-check
import { sendReceipt } from './receipts.mjs';

/** @typedef {import('@outlive/durable').DurableJobs} DurableJobs */

/** @param {DurableJobs} jobs */
export async function createTables(jobs) {
  await jobs.transaction((tx) =>
    tx.query(
      'create table if not exists orders (id text primary key, item text not null, email text not null)',
    ),
  );
}

/**
 * The order and the job of its receipt: both, or neither. An order that is there already is not placed again.
 * @param {DurableJobs} jobs
 * @param {import('./receipts.mjs').Order} order
 */
export async function placeOrder(jobs, order) {
  await jobs.transaction(async (tx) => {
    const { rows } = await tx.query(
      'insert into orders values ($1, $2, $3) on conflict do nothing returning id',
      [order.id, order.item, order.email],
    );
    if (rows.length > 0) await jobs.enqueue(sendReceipt, order, { tx });
  });
}

/**
 * @param {DurableJobs} jobs
 * @param {string} id
 */
export async function findOrder(jobs, id) {
  return jobs.transaction(async (tx) => {
    const { rows } = await tx.query('select id, item, email from orders where id = $1', [id]);
    return rows[0];
  });
}
