// @ts-check
import { compare } from '../lib/compare.mjs';
import { contestants } from '../lib/contestants.mjs';
import { ours, ratioRows } from '../lib/section.mjs';

export const title =
  'close(): 100,000 pending jobs settled; 10,000 active jobs that listen to their signal';

const effort = { sessions: 2, rounds: 12, warmUp: 3 };

export default async function G7() {
  const pending = ratioRows(
    await compare(contestants('closePending', [ours, 'p-limit'], { count: 100_000 }), effort),
    { 'p-limit': 1.3 },
  );
  const active = ratioRows(
    await compare(contestants('closeActive', [ours, 'p-queue'], { count: 10_000 }), effort),
    { 'p-queue': 0.4 },
  );
  return {
    noise: pending.noise,
    isVoid: pending.isVoid === true || active.isVoid === true,
    rows: [...named('pending', pending.rows), ...named('active', active.rows)],
  };
}

/** @param {string} what @param {import('../lib/section.mjs').Row[]} rows */
function named(what, rows) {
  return rows.map((row) => ({ ...row, name: `${what}: ${row.name}` }));
}
