// @ts-check
// The child process of one contestant: node contestant-process.mjs <module> <workload> <argument>
// Told 'go' it runs one block and answers with what that cost.
//
// Each contestant has a process of its own because jobs of Outlive use AsyncLocalStorage: on Node 20
// and 22 that switches on promise hooks for the whole process, which would slow its rivals down too.
import { argv } from 'node:process';

const [, , module = '', workload = '', argument = 'null'] = argv;
/** @type {Record<string, (argument: unknown) => import('./interleave.mjs').Block>} */
const workloads = await import(module);
const makeBlock = workloads[workload];
if (makeBlock === undefined) throw new Error(`${module} has no ${workload}`);
const block = makeBlock(JSON.parse(argument));

process.on('message', () => {
  void run();
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function run() {
  // What the block before has left behind is not this one's cost.
  globalThis.gc?.();
  await new Promise((resolve) => setImmediate(resolve));
  const wallStart = performance.now();
  const cpuStart = process.cpuUsage();
  const { count, check, cost } = await block();
  const { user, system } = process.cpuUsage(cpuStart);
  const wall = performance.now() - wallStart;
  check?.();
  process.send?.({ cpu: cost ?? ((user + system) * 1_000) / count, wall: (wall * 1e6) / count });
}
