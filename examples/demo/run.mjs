// @ts-check
// One run of the shop, from the start to the end of its process. It waits for what the ledger says.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { placeOrder } from './customer.mjs';
import { readEntries } from './ledger.mjs';

/**
 * @typedef {import('./ledger.mjs').Step} Step
 * @typedef {import('./shop.mjs').Order & { early: boolean, hangsUp: boolean }} Plan
 * @typedef {Plan & { answer: string | undefined, times: (step: Step) => number[] }} Outcome
 *   `times` are ms after SIGTERM, of every entry of that step
 * @typedef {Record<string, number>} Report the counts of Outlive's own
 * @typedef {{ outcomes: Outcome[], report: Report, exitCode: number | null, duration: number }} Run
 */

/**
 * Four orders that are long done at SIGTERM, three whose customers stay, five whose bank takes too long. The banks of these
 * eight count from SIGTERM on, so that all of them are at it then, however slow the machine is.
 * @type {readonly Plan[]}
 */
const plans = Array.from({ length: 12 }, (_, index) => {
  const id = index + 1;
  const early = id <= 4;
  const hangsUp = id >= 8;
  const bankTime = early ? 100 : hangsUp ? 1_200 : 300;
  return { id, early, hangsUp, bankTime, address: id === 6 ? 'bad' : 'good' };
});

/**
 * @param {'with' | 'without'} mode
 * @returns {Promise<Run>}
 */
export async function runShop(mode) {
  const folder = await mkdtemp(join(tmpdir(), 'outlive-demo-'));
  try {
    return await runWithLedger(mode, join(folder, 'ledger.jsonl'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * @param {'with' | 'without'} mode
 * @param {string} ledger
 * @returns {Promise<Run>}
 */
async function runWithLedger(mode, ledger) {
  const server = fileURLToPath(new URL('server.mjs', import.meta.url));
  const child = spawn(process.execPath, [server, mode, ledger], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const exit = once(child, 'exit');

  /**
   * Waits until a step is in the ledger that often.
   * @param {Step} step
   * @param {number} count
   */
  async function entered(step, count) {
    for (;;) {
      const entries = readEntries(ledger).filter((entry) => entry.step === step);
      if (entries.length >= count) return entries;
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`The server has ended with ${entries.length} of ${count} "${step}"`);
      }
      await pause(5);
    }
  }

  const [ready] = await entered('ready', 1);
  const port = Number(ready?.details);
  const early = plans.filter((plan) => plan.early).map((plan) => placeOrder(port, plan));
  await entered('receipt', early.length);
  await entered('cache', early.length);
  const late = plans.filter((plan) => !plan.early).map((plan) => placeOrder(port, plan));
  const customers = [...early, ...late];
  await entered('charged', plans.length);
  const leaving = customers.filter((_, index) => plans[index]?.hangsUp);
  for (const customer of leaving) customer.hangUp();
  await entered('left', leaving.length);

  const stoppedAt = Date.now();
  child.kill('SIGTERM');
  const [exitCode] = await exit;
  const duration = Date.now() - stoppedAt;

  const answers = await Promise.all(customers.map(({ answer }) => answer));
  const entries = readEntries(ledger);
  const outcomes = plans.map((plan, index) => ({
    ...plan,
    answer: answers[index],
    times: (/** @type {Step} */ step) =>
      entries
        .filter((entry) => entry.order === plan.id && entry.step === step)
        .map(({ at }) => at - stoppedAt),
  }));
  const report = entries.find(({ step }) => step === 'report')?.details ?? {};
  return { outcomes, report: /** @type {Report} */ (report), exitCode, duration };
}
