// @ts-check
import { hasValgrind, instructionsPerJob } from '../lib/cachegrind.mjs';
import { contestants } from '../lib/contestants.mjs';
import { measure } from '../lib/measure.mjs';
import { costRow, count, instructions, ours, ratioRow } from '../lib/section.mjs';

export const title =
  'Budgets of spawn and wait, one trivial job at a time: promises, AsyncResources, instructions';

const names = [ours, 'fastq', 'p-limit', 'p-queue', 'async', 'bare'];
// Cachegrind takes its time: only those with a goal, and the limit.
const counted = [ours, 'fastq', 'p-limit', 'bare'];
const counting = new URL('../lib/counting.mjs', import.meta.url).href;
/** @type {Record<string, number>} */
const goals = { fastq: 0.8, 'p-limit': 0.5 };

export default async function G9() {
  const rows = [];
  for (const [name, { module }] of Object.entries(contestants('', names, { count: 0 }))) {
    const made = await measure({ module: counting, workload: 'promisesPerJob', argument: module });
    rows.push(costRow(`promises: ${name}`, made, count, name === ours ? 6 : undefined));
    if (name !== ours) continue;
    const held = await measure({ module: counting, workload: 'resourcesPerJob', argument: module });
    rows.push(costRow(`AsyncResources: ${name}`, held, count, 0));
  }
  return { rows: [...rows, ...(await instructionRows())] };
}

async function instructionRows() {
  if (!hasValgrind()) {
    console.error('  valgrind is missing: no instructions counted');
    return [];
  }
  const rows = [];
  let mine = NaN;
  const argument = { count: 20_000, limit: 100 };
  for (const [name, contestant] of Object.entries(contestants('oneByOne', counted, argument))) {
    const cost = await instructionsPerJob({ ...contestant, argument });
    if (name === ours) mine = cost;
    const value = mine / cost;
    rows.push(
      name === ours
        ? costRow(`instructions: ${name}`, cost, instructions)
        : ratioRow(
            `instructions: ${name}`,
            instructions(cost),
            { value, low: value, high: value },
            goals[name],
          ),
    );
  }
  return rows;
}
