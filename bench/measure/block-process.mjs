// @ts-check
// The process of one contestant. Runs a block for each message, and answers with what a job of it cost:
//   node block-process.mjs <task>
// Runs blocks and nothing else, for counting instructions:
//   node block-process.mjs <task> <times>
import { setImmediate } from 'node:timers/promises';

const [, , task = '', times] = process.argv;
/** @type {import('./interleave.mjs').Task} */
const { file, workload, argument } = JSON.parse(task);
/** @type {import('./interleave.mjs').Block} */
const block = await (await import(`../workloads/${file}.mjs`))[workload](argument);

if (times !== undefined) {
  for (let index = 0; index < Number(times); index += 1) await block();
} else {
  process.on('message', () => void measure());
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

async function measure() {
  // What the block before has left behind is not this one's cost. Not a full collection: V8 then throws away what
  // it compiled for objects of which none is left, and what would be measured is how fast it compiles again.
  globalThis.gc?.({ type: 'minor' });
  await setImmediate();
  const start = process.cpuUsage();
  const { count, check, cost } = await block();
  const { user, system } = process.cpuUsage(start);
  check?.();
  process.send?.({ cost: cost ?? ((user + system) * 1_000) / count });
}
