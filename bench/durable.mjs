// @ts-check
// What a durable job costs with Outlive, beside what it costs with the engine alone. Node 22.12 or newer.
//   npm run bench:durable                       everything, on all stores, each a server of its own
//   npm run bench:durable -- redis run growth   some of it: pglite, postgresql, redis; enqueue, enqueueMany, run, latency, growth
//   npm run bench:durable -- --quick            a first look: few blocks, wide intervals
//   npm run bench:durable -- --save             also writes results/durable.md and docs/durable/throughput.md
//   DATABASE_URL=postgres://... or REDIS_URL=redis://... is measured in place of a server of its own
import { measureGrowth } from './durable/growth.mjs';
import { growthTable, save, writePage } from './durable/results.mjs';
import { stores } from './durable/stores.mjs';
import { measureStore, workloads } from './durable/topics.mjs';
import { result } from './report/rows.mjs';
import { legend, table } from './report/table.mjs';

const saves = process.argv.includes('--save');
const isQuick = process.argv.includes('--quick');
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const topics = [...workloads, 'growth'];
const unknown = asked.filter((name) => !(name in stores) && !topics.includes(name));
if (unknown.length > 0) {
  const known = [...Object.keys(stores), ...topics].join(', ');
  console.error(`Not known: ${unknown.join(', ')}. There are: ${known}`);
  process.exit(2);
}
const kinds = /** @type {import('./durable/queue.mjs').StoreKind[]} */ (Object.keys(stores));
const askedKinds = kinds.filter((kind) => asked.includes(kind));
const askedTopics = topics.filter((topic) => asked.includes(topic));

/** @type {import('./durable/results.mjs').Measured[]} */
const measured = [];
console.log(legend);
for (const kind of askedKinds.length > 0 ? askedKinds : kinds) {
  const store = await stores[kind]().catch((/** @type {Error} */ { message }) => {
    console.error(`${kind}: NOT MEASURED, there is no server: ${message}`);
  });
  if (store === undefined) continue;
  const onlyGrowth = askedTopics.length === 1 && askedTopics[0] === 'growth';
  const rows = onlyGrowth ? [] : await measureStore(kind, store, askedTopics, isQuick);
  console.log(`\n${kind}\n\n${table(rows)}`);
  const wantsGrowth = askedTopics.length === 0 || askedTopics.includes('growth');
  // PGlite is one process.
  const points = wantsGrowth && kind !== 'pglite' ? await measureGrowth(kind, store) : [];
  if (points.length > 0) console.log(`\n${growthTable(points)}`);
  await store.close();
  measured.push({ kind, rows, points });
}
if (saves) {
  await save(measured);
  await writePage();
}
const results = measured.flatMap(({ rows }) => rows.map(result));
if (results.some((text) => text.endsWith('over'))) process.exitCode = 1;
