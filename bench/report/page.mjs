// @ts-check
// Fills docs/performance.md and docs/images/ from results/.
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { chart } from './chart.mjs';
import { load } from './results.mjs';
import { cost, goalText, label, measured, result } from './rows.mjs';

/** @typedef {import('./results.mjs').Results} Results */
/** @typedef {import('./rows.mjs').Row} Row */

const page = new URL('../../docs/performance.md', import.meta.url);
const images = new URL('../../docs/images/', import.meta.url);

/** Judged are the first two. */
const majors = ['24', '26', '22', '20'];

export async function writePage() {
  const all = majors.map((major) => load(major));
  const marks = /(<!-- numbers -->)[^]*(<!-- end of numbers -->)/;
  const text = readFileSync(page, 'utf8').replace(marks, `$1\n\n${summary(all)}\n\n$2`);
  writeFileSync(page, await format(text, { parser: 'markdown', singleQuote: true }));

  const [newest] = all;
  if (newest === undefined) return;
  picture(
    newest,
    'latency',
    'latency',
    undefined,
    'One job at a time, spawned and awaited: CPU time',
  );
  picture(
    newest,
    'bursts',
    'bursts',
    undefined,
    'Bursts of 1,000 jobs, 100 at a time: CPU time of a job',
  );
  picture(newest, 'memory', 'memory', 'pending job', 'Heap of a job that waits for its turn');
}

/** Every goal, on every Node. @param {readonly (Results | undefined)[]} all */
function summary(all) {
  const goals = all
    .find((results) => results !== undefined)
    ?.sections.flatMap(({ topic, rows }) =>
      rows.filter(({ goal }) => goal !== undefined).map((row) => ({ topic, row })),
    );
  if (goals === undefined) return 'Not measured yet: `npm run bench -- --save`.';
  const lines = goals.map(({ topic, row }) => [
    topic,
    label(row),
    goalText(row),
    ...all.map((results) => cell(find(results, topic, row))),
  ]);
  const nodes = all.map((results, index) => `Node ${results?.node ?? majors[index]}`);
  const head = ['', '', 'goal', ...nodes];
  return [head, head.map((_, index) => (index > 2 ? '--:' : '---')), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** @param {Row | undefined} row */
function cell(row) {
  if (row === undefined) return '–';
  const outcome = result(row);
  if (outcome === 'void') return 'void';
  return outcome === 'pass' ? measured(row) : `**${measured(row)}**`;
}

/** @param {Results | undefined} results @param {string} topic @param {Row} wanted */
function find(results, topic, wanted) {
  return results?.sections
    .find((section) => section.topic === topic)
    ?.rows.find((row) => label(row) === label(wanted));
}

/** @param {Results} results @param {string} name @param {string} topic @param {string | undefined} what @param {string} title */
function picture({ node, sections }, name, topic, what, title) {
  const rows = sections.find((section) => section.topic === topic)?.rows ?? [];
  const bars = rows
    .filter((row) => row.what === what && row.peer !== undefined)
    .map(({ peer = '', theirs = NaN, unit }) => ({ name: peer, value: theirs, unit }));
  const own = rows.find((row) => row.what === what && row.ours !== undefined);
  if (own === undefined) return;
  const all = [{ name: 'outlive', value: own.ours ?? NaN, unit: own.unit, ours: true }, ...bars];
  const drawn = all.map((bar) => ({ ...bar, text: cost(bar.value, bar.unit) }));
  writeFileSync(new URL(`${name}.svg`, images), chart(`${title} (Node ${node})`, drawn));
}
