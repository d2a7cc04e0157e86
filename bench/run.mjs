// @ts-check
// Runs the goals named on the command line: npm run bench -- waves latency
// A goal is a file goals/<name>.mjs whose default export measures and prints; `all` runs every one.
import { existsSync, readdirSync } from 'node:fs';

const folder = new URL('goals/', import.meta.url);
const goals = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.mjs'))
      .map((file) => file.slice(0, -'.mjs'.length))
      .toSorted()
  : [];
const asked = process.argv.slice(2);
const chosen = asked.includes('all') ? goals : asked;
const unknown = chosen.filter((name) => !goals.includes(name));

if (goals.length === 0) {
  console.log('no goals yet');
} else if (unknown.length > 0) {
  console.error(`No such goal: ${unknown.join(', ')}. There are: ${goals.join(', ')}`);
  process.exitCode = 2;
} else if (chosen.length === 0) {
  console.log(`Goals: ${goals.join(', ')}`);
} else {
  for (const name of chosen) {
    console.log(`# ${name}`);
    const goal = await import(new URL(`${name}.mjs`, folder).href);
    await goal.default();
  }
}
