// @ts-check
// What a run lost or did twice, by the ledger and the customers.

/** @typedef {import('./ledger.mjs').Step} Step */

/**
 * What has to be in the ledger once for every order; a receipt may bounce instead, if somebody is told.
 * @type {readonly (readonly Step[])[]}
 */
const duties = [['charged'], ['booked'], ['receipt', 'bounced'], ['cache']];

/**
 * @param {import('./run.mjs').Run} run
 * @returns {string[]}
 */
export function faultsOf({ outcomes, exitCode, report }) {
  const faults = [];
  for (const { id, answer, hangsUp, times } of outcomes) {
    if (!hangsUp && answer !== '201') faults.push(`order ${id}: no answer`);
    for (const steps of duties) {
      const count = steps.flatMap((step) => times(step)).length;
      if (count !== 1) faults.push(`order ${id}: ${steps.join(' or ')} ${count} times`);
    }
  }
  if (exitCode !== 0) faults.push(`exit code ${exitCode}`);
  const { completed = 0, failed = 0, ...cutOff } = report;
  if (completed === 0 || failed !== 1) faults.push('a report that is not true');
  for (const [what, count] of Object.entries(cutOff)) {
    if (count > 0) faults.push(`${count} ${what}`);
  }
  return faults;
}
