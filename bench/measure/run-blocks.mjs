// @ts-check
// node run-blocks.mjs <task> <times>: blocks and nothing else, for counting instructions.
import { loadBlock } from './load-block.mjs';

const [, , task = '', times] = process.argv;
const block = await loadBlock(JSON.parse(task));

for (let index = 1; index < Number(times); index += 1) await block();
(await block()).check?.();
