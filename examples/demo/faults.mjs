// @ts-check
// What a run lost or did twice, by the ledger and the customers.

/** @typedef {import('./ledger.mjs').Step} Step */

/** The steps that every accepted order ends with; a receipt may bounce instead, if somebody is told. */
/** @type {readonly (readonly Step[])[]} */
const duties = [['charged'], ['booked'], ['receipt', 'bounced'], ['cache']];

/**
 * @param {import('./run.mjs').Run} run
 * @returns {string[]}
 */
export function faultsOf({ outcomes, exitCode, report }) {
  const faults = [];
  for (const { id, answer, hangsUp, times } of outcomes) {
    if (!hangsUp && answer !== 201) faults.push(`order ${id}: no answer`);
    for (const steps of duties) {
      const count = steps.flatMap((step) => times(step)).length;
      if (count !== 1) faults.push(`order ${id}: ${steps.join(' or ')} ${count} times`);
    }
  }
  if (exitCode !== 0) faults.push(`exit code ${exitCode}`);
  if (report === undefined) return [...faults, 'no report'];
  const { cancelled, neverStarted, abandoned, shields, destroyedResponses } = report;
  const broken = [...cancelled, ...neverStarted, ...abandoned].length + shields + destroyedResponses;
  return broken === 0 ? faults : [...faults, `${broken} jobs or responses cut off`];
}
