// @ts-check
// How many durable jobs a second go through the pump, against a bare loop of the engine's own fetch and
// complete: the same jobs, in the same store, with as many at a time, in turns. Node 22.12 or newer.
//   npm run bench:durable              all stores, each on a server of its own
//   npm run bench:durable -- redis     some of: pglite, postgresql, redis
//   DATABASE_URL=postgres://... or REDIS_URL=redis://... is measured in place of a server of its own
import { compare } from './durable/compare.mjs';
import { stores } from './durable/stores.mjs';

const goal = 1.5;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in stores));
if (unknown.length > 0) {
  console.error(
    `No such store: ${unknown.join(', ')}. There are: ${Object.keys(stores).join(', ')}`,
  );
  process.exit(2);
}

for (const [name, open] of Object.entries(stores)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const opened = await open();
  if ('missing' in opened) {
    console.log(`${name}: NOT MEASURED, ${opened.missing}`);
    continue;
  }
  try {
    const { raw, pumped, ratio } = await compare(opened.engine);
    console.log(
      `${name}: raw loop ${raw.toFixed(0)} jobs/s, pump ${pumped.toFixed(0)} jobs/s, ratio ${ratio.toFixed(2)} (goal: at most ${goal})`,
    );
    if (ratio > goal) process.exitCode = 1;
  } finally {
    await opened.close();
  }
}
