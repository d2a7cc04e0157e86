// @ts-check
import { hasValgrind, instructionsPerJob } from '../lib/cachegrind.mjs';
import { compare } from '../lib/compare.mjs';
import { measure } from '../lib/measure.mjs';
import { bytes, costRow, instructions, ratioRow, time } from '../lib/section.mjs';
import { median, ratio } from '../lib/statistics.mjs';

export const title = 'An atomic handler that never reads its signal, against the plain one';

const frameworks = ['node:http', 'express', 'koa', 'fastify'];
const requestGoal = 1.05;

export default async function G10() {
  const wrapper = await compare(
    { atomic: calls('atomic', 20_000), bare: calls('bare', 20_000), bound: calls('bound', 20_000) },
    { sessions: 2, rounds: 6, warmUp: 4 },
  );
  const { atomic = [], bare = [], bound = [] } = wrapper.samples;
  const rows = [
    costRow('wrapper: time added by atomic()', median(atomic) - median(bound), time, 200),
    costRow('wrapper: and by the middleware', median(bound) - median(bare), time),
    ...(await instructionRows()),
  ];
  let isVoid = wrapper.isVoid;
  let noise = wrapper.noise;
  for (const framework of frameworks) {
    const comparison = await compare(
      { atomic: requests(framework, 'atomic'), plain: requests(framework, 'plain') },
      { sessions: 3, rounds: 8, warmUp: 4 },
    );
    const { atomic: mine = [], plain = [] } = comparison.samples;
    rows.push(
      ratioRow(`request: ${framework}`, time(median(plain)), ratio(mine, plain), requestGoal),
    );
    isVoid ||= comparison.isVoid;
    if (Math.abs(comparison.noise.value - 1) > Math.abs(noise.value - 1)) noise = comparison.noise;
  }
  rows.push(costRow('memory of a request in flight', await memoryAdded(), bytes));
  return { rows, noise, isVoid };
}

async function instructionRows() {
  if (!hasValgrind()) {
    console.error('  valgrind is missing: no instructions counted');
    return [];
  }
  const atomic = await instructionsPerJob(calls('atomic', 20_000));
  const bound = await instructionsPerJob(calls('bound', 20_000));
  return [costRow('wrapper: instructions added', atomic - bound, instructions, 1_200)];
}

async function memoryAdded() {
  return (await memoryOf(false)) - (await memoryOf(true));
}

/** @param {boolean} plain */
function memoryOf(plain) {
  const module = new URL('../http/in-flight.mjs', import.meta.url).href;
  return measure({ module, workload: 'memory', argument: { count: 20_000, plain } });
}

/** @param {string} kind @param {number} count */
function calls(kind, count) {
  const module = new URL('../http/wrapper.mjs', import.meta.url).href;
  return { module, workload: 'calls', argument: { count, kind } };
}

/** @param {string} framework @param {string} kind */
function requests(framework, kind) {
  const module = new URL('../http/requests.mjs', import.meta.url).href;
  return { module, workload: 'requests', argument: { count: 500, framework, kind } };
}
