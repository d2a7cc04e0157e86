// @ts-check
// The child process of one contestant, or of several: node contestant-process.mjs <contestants>
// Told a name, it runs one block of that one and answers with what it cost.
import { argv } from 'node:process';

/** @type {Record<string, import('./interleave.mjs').Contestant>} */
const contestants = JSON.parse(argv[2] ?? '{}');
/** @type {Map<string, import('./interleave.mjs').Block>} */
const blocks = new Map();
for (const [name, { module, workload, argument = null }] of Object.entries(contestants)) {
  const makeBlock = (await import(module))[workload];
  if (makeBlock === undefined) throw new Error(`${module} has no ${workload}`);
  blocks.set(name, makeBlock(argument));
}

process.on('message', (name) => {
  void run(blocks.get(String(name)));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

/** @param {import('./interleave.mjs').Block | undefined} block */
async function run(block) {
  if (block === undefined) throw new Error('No such contestant');
  // What the block before has left behind is not this one's cost. Not a full collection: V8 forgets then what
  // it has learned of objects of which none is left, and what would be measured is how fast it learns again.
  globalThis.gc?.({ type: 'minor' });
  await new Promise((resolve) => setImmediate(resolve));
  const start = process.cpuUsage();
  const { count, check, cost } = await block();
  const { user, system } = process.cpuUsage(start);
  check?.();
  process.send?.({ cost: cost ?? ((user + system) * 1_000) / count });
}
