// @ts-check
// Fills docs/performance.md and docs/images/ from results/.
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { chart } from './chart.mjs';
import { linesOf } from './results.mjs';

const page = new URL('../../docs/performance.md', import.meta.url);
const images = new URL('../../docs/images/', import.meta.url);
/** Goals are for the first two. */
const majors = ['24', '26', '22', '20'];

/** @param {readonly string[]} topics */
export async function writePage(topics) {
  const text = [
    ['numbers', summary(topics)],
    ['watched', wholeTopic('watched')],
  ].reduce(
    (before, [mark, table]) => {
      const marks = new RegExp(`(<!-- ${mark} -->)[^]*(<!-- end of ${mark} -->)`);
      return before.replace(marks, `$1\n\n${table}\n\n$2`);
    },
    readFileSync(page, 'utf8'),
  );
  writeFileSync(page, await format(text, { parser: 'markdown', singleQuote: true }));

  picture('latency', '', 'One job at a time, spawned and awaited: CPU time');
  picture('bursts', '', 'Bursts of 1,000 jobs, 100 at a time: CPU time of a job');
  picture('memory', 'pending job, ', 'Heap of a job that waits for its turn');
}

/** Every goal, on every Node. @param {readonly string[]} topics */
function summary(topics) {
  const lines = topics.flatMap((topic) => {
    const all = majors.map((major) => linesOf(major, topic));
    const known = all.find(({ length }) => length > 0) ?? [];
    return known
      .filter(({ goal }) => goal !== '')
      .map(({ what, goal }) => {
        const cells = all.map((own) => cell(own.find((line) => line.what === what)));
        return [topic, what, goal, ...cells];
      });
  });
  const head = ['', 'Outlive', 'goal', ...majors.map((major) => `Node ${major}`)];
  const rule = head.map((_, column) => (column < 3 ? '---' : '--:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** All of a topic that has no peers, on every Node. @param {string} topic */
function wholeTopic(topic) {
  const all = majors.map((major) => linesOf(major, topic));
  const known = all.find(({ length }) => length > 0) ?? [];
  const lines = known.map(({ what }) => [
    what,
    ...all.map((own) => own.find((line) => line.what === what)?.ours ?? '–'),
  ]);
  const head = ['instructions per job', ...majors.map((major) => `Node ${major}`)];
  const rule = head.map((_, column) => (column < 1 ? '---' : '--:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What misses its goal is bold. @param {ReturnType<typeof linesOf>[number] | undefined} line */
function cell(line) {
  if (line === undefined) return '–';
  const [value = ''] = line.ratio === '' ? [line.ours] : line.ratio.split(' ');
  if (line.result === 'void') return 'void';
  return line.result === 'pass' ? value : `**${value}**`;
}

/** @param {string} topic @param {string} what @param {string} title */
function picture(topic, what, title) {
  const [major = ''] = majors;
  const peers = linesOf(major, topic).filter((line) => line.what.startsWith(`${what}vs `));
  const [first] = peers;
  if (first === undefined) return;
  const bars = peers.map(({ what: name, theirs }) => [name.slice(`${what}vs `.length), theirs]);
  const drawn = [['outlive', first.ours], ...bars].map(([name = '', text = '']) => ({
    name,
    text,
    value: Number.parseFloat(text.replace(',', '')) * (text.endsWith('µs') ? 1_000 : 1),
  }));
  writeFileSync(new URL(`${topic}.svg`, images), chart(`${title} (Node ${major})`, drawn));
}
