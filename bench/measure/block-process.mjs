// @ts-check
// The process of one contestant: node block-process.mjs <task>
// Runs one block for each message that it gets, and answers with what a job of it cost.
import { setImmediate } from 'node:timers/promises';
import { loadBlock } from './load-block.mjs';

const block = await loadBlock(JSON.parse(process.argv[2] ?? ''));

process.on('message', () => void run());
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function run() {
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
