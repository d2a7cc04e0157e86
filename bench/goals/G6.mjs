// @ts-check
import { contestants } from '../lib/contestants.mjs';
import { interleave } from '../lib/interleave.mjs';
import { costRow, ours, ratioRow, time } from '../lib/section.mjs';
import { median, ratio } from '../lib/statistics.mjs';

export const title =
  'Cancel pending jobs one by one in random order, until their promises have settled';

export default async function G6() {
  const samples = await interleave(
    {
      few: of(ours, 10_000, 10_000),
      many: of(ours, 100_000, 100_000),
      // By far the slowest, so that a sample of them has to do.
      peer: of('p-queue', 300, 100_000),
    },
    { sessions: 2, rounds: 4, warmUp: 2 },
  );
  const { few = [], many = [], peer = [] } = samples;
  const peerRow = ratioRow('p-queue: of 100,000', time(median(peer)), ratio(many, peer), undefined);
  return {
    rows: [
      costRow(`${ours}: of 10,000`, median(few), time),
      costRow(`${ours}: of 100,000`, median(many), time, 2_500),
      ratioRow(`${ours}: 100,000 ÷ 10,000`, '', ratio(many, few), 2),
      peerRow,
    ],
  };
}

/** @param {string} name @param {number} count @param {number} pending */
function of(name, count, pending) {
  const [contestant] = Object.values(contestants('cancelEach', [name], { count, pending }));
  if (contestant === undefined) throw new Error(name);
  return contestant;
}
