// @ts-check
import { contestants } from '../lib/contestants.mjs';
import { measure } from '../lib/measure.mjs';
import { costRow, count, ours } from '../lib/section.mjs';

export const title = 'Laziness: AbortControllers made for jobs of which none reads its signal';

export default async function G8() {
  const [contestant] = Object.values(contestants('', [ours], { count: 0 }));
  const controllers = await measure({
    module: new URL('../lib/counting.mjs', import.meta.url).href,
    workload: 'controllersPerJob',
    argument: contestant?.module,
  });
  return { rows: [costRow(ours, controllers, count, 0)] };
}
