// @ts-check
// node run-once.mjs <module> <workload> <argument>: one block, and nothing else, for counting instructions.
import { argv } from 'node:process';

const [, , module = '', workload = '', argument = 'null'] = argv;
const workloads = await import(module);
const { check } = await workloads[workload](JSON.parse(argument))();
check?.();
