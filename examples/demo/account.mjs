// @ts-check
// Tells what happened, for a reader who knows nothing of it.
import { faultsOf } from './faults.mjs';

/**
 * @typedef {import('./ledger.mjs').Step} Step
 * @typedef {import('./run.mjs').Run} Run
 * @typedef {import('./run.mjs').Outcome} Outcome
 */

/**
 * @param {Run} withOutlive
 * @param {Run} without
 */
export function tellStory(withOutlive, without) {
  const runs = [withOutlive, without];
  const orders = withOutlive.outcomes.map(({ id }, index) => [
    id,
    ...runs.flatMap(({ outcomes }) => cellsOf(/** @type {Outcome} */ (outcomes[index]))),
  ]);
  const head = ['order', ...columns, ...columns];
  return `
A shop takes 12 orders. For each it charges the card, waits for the bank, books
the order and answers; then a receipt is sent in the background (that of order 6
bounces) and a cache is warmed. At the moment the server is told to stop
(SIGTERM), orders 1 to 4 are long done, 5 to 12 are charged and at the bank, and
customers 8 to 12 have hung up. Times are milliseconds before (-) and after (+)
that moment.

      WITH OUTLIVE                         WITHOUT
${table([head, ...orders], [6, 10, 7, 14, 6, 10, 7, 14, 6])}

${table(totals(runs), [42, 16, 16])}

${lastWords(withOutlive)}

${verdict(withOutlive, without)}`;
}

const columns = ['customer', 'booked', 'receipt', 'cache'];

/** @param {Outcome} outcome */
function cellsOf({ hangsUp, answer, times }) {
  const cell = (/** @type {Step} */ step) => times(step).map(signed).join(' and ');
  return [
    hangsUp ? `left ${cell('left')}` : answer === '201' ? 'answered' : 'NO ANSWER',
    cell('booked') || 'LOST',
    cell('receipt') || (times('bounced').length > 0 ? `bounced ${cell('bounced')}` : 'LOST'),
    cell('cache') || 'LOST',
  ];
}

/** @type {(step: Step) => (run: Run) => string} */
const share = (step) => (run) => `${ordersWith(run, step)} of ${run.outcomes.length}`;

/** @param {readonly Run[]} runs */
function totals(runs) {
  /** @type {(label: string, tell: (run: Run) => unknown) => unknown[]} */
  const row = (label, tell) => [label, ...runs.map(tell)];
  return [
    row('', (run) => (run === runs[0] ? 'with Outlive' : 'without')),
    row('orders accepted, cards charged', (run) => ordersWith(run, 'charged')),
    row('customers who hung up before the answer', (run) => ordersWith(run, 'left')),
    row('orders booked', share('booked')),
    row('receipts sent', share('receipt')),
    row('bounced receipts that somebody heard of', (run) => `${ordersWith(run, 'bounced')} of 1`),
    row('cache entries warmed', share('cache')),
    row('from SIGTERM to the end of the process', ({ duration }) => `${duration} ms`),
    row('exit code', ({ exitCode }) => exitCode),
  ];
}

/** @param {Run} run */
function lastWords({ outcomes, report, duration }) {
  const last = (/** @type {Step} */ step) =>
    Math.max(...outcomes.filter(({ hangsUp }) => hangsUp).flatMap(({ times }) => times(step)));
  const counts = Object.entries(report).map(([what, count]) => `${what} ${count}`);
  return `With Outlive the last customer hung up at ${signed(last('left'))}. The orders of those who had
left were all booked by ${signed(last('booked'))}, their receipts were out by ${signed(last('receipt'))}, and the process
ended by itself at ${signed(duration)}. Its report on the shutdown:
  ${counts.slice(0, 4).join(', ')},
  ${counts.slice(4).join(', ')}.`;
}

/**
 * @param {Run} withOutlive
 * @param {Run} without
 */
function verdict(withOutlive, without) {
  const faults = faultsOf(withOutlive);
  const orders = without.outcomes.length;
  const unbooked = orders - ordersWith(without, 'booked');
  const unsent = orders - ordersWith(without, 'receipt') - ordersWith(without, 'bounced');
  return `With Outlive: ${faults.length === 0 ? 'nothing was lost, and nothing was done or reported twice.' : faults.join('; ')}
Without: ${unbooked} cards charged for orders that are in no book, ${unsent} receipts lost,
and exit code ${without.exitCode}.`;
}

/**
 * @param {Run} run
 * @param {Step} step
 */
function ordersWith({ outcomes }, step) {
  return outcomes.filter(({ times }) => times(step).length > 0).length;
}

/** @param {number} time */
function signed(time) {
  if (!Number.isFinite(time)) return 'no time';
  return time > 0 ? `+${time}` : String(time);
}

/**
 * @param {readonly (readonly unknown[])[]} rows
 * @param {readonly number[]} widths
 */
function table(rows, widths) {
  const line = (/** @type {readonly unknown[]} */ row) =>
    row.map((cell, index) => String(cell).padEnd(widths[index] ?? 0)).join('');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
