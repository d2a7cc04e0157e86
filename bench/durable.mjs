// @ts-check
// Durable jobs through the pump, against a bare loop of the engine's own fetch and complete. Node 22.12 or newer.
//   npm run bench:durable              all stores, each on a server of its own
//   npm run bench:durable -- redis     some of: pglite, postgresql, redis
//   DATABASE_URL=postgres://... or REDIS_URL=redis://... is measured in place of a server of its own
import { compare } from './durable/compare.mjs';
import { stores } from './durable/stores.mjs';
import { result } from './report/rows.mjs';
import { table } from './report/table.mjs';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in stores));
if (unknown.length > 0) {
  console.error(
    `No such store: ${unknown.join(', ')}. There are: ${Object.keys(stores).join(', ')}`,
  );
  process.exit(2);
}

const rows = [];
for (const [name, open] of Object.entries(stores)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const opened = await open().catch((/** @type {Error} */ { message }) => {
    console.error(`${name}: NOT MEASURED, there is no server: ${message}`);
  });
  if (opened === undefined) continue;
  rows.push(await compare(name, opened.engine));
  await opened.close();
}
console.log(`Time of a durable job, against the engine alone\n\n${table(rows)}`);
if (!rows.every((row) => result(row) === 'pass')) process.exitCode = 1;
