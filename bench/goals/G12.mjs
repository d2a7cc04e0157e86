// @ts-check
import { measure } from '../lib/measure.mjs';
import { bytes, costRow, count, ours } from '../lib/section.mjs';

export const title =
  'One signal that outlives a million jobs: its listeners, and bytes left per job';

const module = new URL('../lib/finished-jobs.mjs', import.meta.url).href;

export default async function G12() {
  const once = { rounds: 1, warmUp: 0 };
  const left = await measure({ module, workload: 'heapLeftUnderSignal' }, once);
  const listeners = await measure({ module, workload: 'listeners' }, once);
  return {
    rows: [
      costRow(`${ours}: listeners, 100 live jobs`, listeners, count, 100),
      costRow(`${ours}: left per job`, Math.max(0, left), bytes, 5),
    ],
  };
}
