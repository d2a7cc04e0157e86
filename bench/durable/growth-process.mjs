// @ts-check
// One of several processes that share a store: does what it is told, and answers when it is done.
//   node growth-process.mjs <contestant> <place>
import { openQueue } from './queue.mjs';

/** So many of the calls of a process wait for their answer at a time. */
const atOnce = 10;
/** Time in ms between two reports of how many jobs have run here. */
const interval = 20;

const [, , contestant = '', place = ''] = process.argv;
const queue = await openQueue(contestant, JSON.parse(place));
let done = 0;
let last = 0;
let reported = 0;

/** @type {Record<string, (count: number) => Promise<unknown>>} */
const orders = {
  async enqueue(count) {
    let left = count;
    const one = async () => {
      while (left > 0) {
        left -= 1;
        await queue.add({ n: left });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, one));
  },
  async fill(count) {
    for (let left = count; left > 0; left -= 500) {
      await queue.addMany(Array.from({ length: Math.min(left, 500) }, (_, n) => ({ n })));
    }
  },
  async serve() {
    done = 0;
    reported = 0;
    await queue.serve(() => {
      done += 1;
      last = Date.now();
    }, true);
  },
  rest: () => queue.rest(),
  clear: () => queue.clear(),
};

/** @param {{ order: string, count: number }} message */
async function obey({ order, count }) {
  await orders[order]?.(count);
  process.send?.({ order });
}

process.on(
  'message',
  (/** @type {{ order: string, count: number }} */ message) => void obey(message),
);
setInterval(() => {
  if (done > reported) process.send?.({ order: 'run', done, last });
  reported = done;
}, interval).unref();
process.on('disconnect', () => process.exit());
process.send?.({ order: 'ready' });
