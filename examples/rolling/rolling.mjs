// @ts-check
// Replaces a server five times under load, once with Outlive and once without, for each framework:
// node rolling.mjs [framework...] [--only-with] [--json]. Exits with 0 only if Outlive lost nothing.
import { tell } from './tell.mjs';
import { roll } from './roll.mjs';

const args = process.argv.slice(2);
const named = args.filter((arg) => !arg.startsWith('--'));
const frameworks = named.length > 0 ? named : ['http', 'express', 'koa', 'fastify'];
const asJson = args.includes('--json');
/** @type {('with' | 'without')[]} */
const modes = args.includes('--only-with') ? ['with'] : ['with', 'without'];

const results = [];
if (!asJson) console.log('A server is replaced five times, while 240 orders a second come in.\n');
for (const framework of frameworks) {
  if (!asJson) console.log(`${framework} ...`);
  results.push(...(await Promise.all(modes.map((mode) => roll(framework, mode)))));
}
console.log(asJson ? JSON.stringify(results) : tell(results));

const bad = results.some(
  ({ mode, failedCount, lostCount, duplicateCount, exits }) =>
    mode === 'with' &&
    (failedCount + lostCount + duplicateCount > 0 || exits.some((exit) => exit !== '0')),
);
// As JSON it is for others to judge.
process.exitCode = bad && !asJson ? 1 : 0;
