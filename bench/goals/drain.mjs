// @ts-check
import { interleave } from '../lib/interleave.mjs';
import { costRow } from '../lib/section.mjs';
import { median } from '../lib/statistics.mjs';

export const title = 'drain(): CPU time from the call to the report';

const module = new URL('../http/in-flight.mjs', import.meta.url).href;

/** @param {number} value */
const ms = (value) => `${value.toFixed(1)} ms`;

export default async function drain() {
  const handlers = { module, workload: 'drainHandlers', argument: { count: 10_000 } };
  const pending = { module, workload: 'drainPending', argument: { count: 100_000 } };
  const samples = await interleave({ handlers, pending }, { sessions: 1, rounds: 6, warmUp: 2 });
  return {
    rows: [
      costRow(
        '10,000 atomic handlers that end',
        (median(samples['handlers'] ?? []) * 1e4) / 1e6,
        ms,
      ),
      costRow('100,000 pending jobs that run', (median(samples['pending'] ?? []) * 1e5) / 1e6, ms),
    ],
  };
}
