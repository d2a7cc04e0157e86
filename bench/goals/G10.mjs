// @ts-check
import { hasValgrind, instructionsPerJob } from '../lib/cachegrind.mjs';
import { compare, compareBothWays } from '../lib/compare.mjs';
import { measure } from '../lib/measure.mjs';
import { bytes, costRow, instructions, ratioRow, time, voided } from '../lib/section.mjs';
import { median, ratio } from '../lib/statistics.mjs';

export const title = 'An atomic handler that never reads its signal, against the plain one';

const frameworks = ['node:http', 'express', 'koa', 'fastify'];
const requestGoal = 1.05;
// Many short blocks: neighbours in time are what is compared.
const many = { sessions: 2, rounds: 30, warmUp: 12 };

export default async function G10() {
  const wrapper = await wrapperRows();
  const rows = [...wrapper.rows, ...(await instructionRows())];
  let { noise, isVoid } = wrapper;
  for (const framework of frameworks) {
    const section = await requestRow(framework);
    rows.push(section.row);
    isVoid ||= section.isVoid;
    if (Math.abs(section.noise.value - 1) > Math.abs(noise.value - 1)) noise = section.noise;
  }
  rows.push(costRow('memory of a request in flight', await memoryAdded(), bytes));
  return { rows, noise, isVoid };
}

async function wrapperRows() {
  const { samples, noise, isVoid } = await compare(
    { atomic: calls('atomic', 10_000), bare: calls('bare', 10_000), bound: calls('bound', 10_000) },
    many,
  );
  const { atomic = [], bare = [], bound = [] } = samples;
  const added = costRow(
    'wrapper: time added by atomic()',
    median(atomic) - median(bound),
    time,
    200,
  );
  return {
    rows: [
      isVoid ? voided(added) : added,
      costRow('wrapper: and by the middleware', median(bound) - median(bare), time),
    ],
    noise,
    isVoid,
  };
}

/** @param {string} framework */
async function requestRow(framework) {
  const { samples, apart, noise, isVoid } = await compareBothWays(
    { atomic: requests(framework, 'atomic'), plain: requests(framework, 'plain') },
    many,
  );
  const { atomic = [], plain = [] } = samples;
  const { atomic: atomicApart = [], plain: plainApart = [] } = apart ?? {};
  const row = ratioRow(
    `request: ${framework}`,
    time(median(plainApart)),
    ratio(atomic, plain),
    requestGoal,
  );
  return {
    row: { ...(isVoid ? voided(row) : row), apart: ratio(atomicApart, plainApart).value },
    noise,
    isVoid,
  };
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
  return { module, workload: 'requests', argument: { count: 400, framework, kind } };
}
