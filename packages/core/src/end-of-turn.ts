import { AsyncResource } from 'node:async_hooks';

// Taken once, so that fake timers in a user's tests cannot hold back failure reports.
const nextTick = process.nextTick.bind(process);
const microtask = queueMicrotask;

// Node itself decides at the end of a turn (all ticks and promise jobs done) which rejections nobody
// handled, but tells only process-wide listeners. A round here is one full drain of the tick queue
// and one of the promise jobs, each however long; what can outlast the rounds is only code that
// alternates between the two more often than this.
const rounds = 16;

interface Entry {
  readonly due: number;
  readonly callback: () => void;
}

const entries: Entry[] = [];
let round = 0;

/**
 * Calls back at the end of this turn of the event loop, after its `process.nextTick` callbacks and
 * promise jobs and before any later macrotask, in the AsyncLocalStorage context of the caller.
 */
export function atEndOfTurn(callback: () => void): void {
  const context = new AsyncResource('OutliveEndOfTurn');
  entries.push({
    due: round + rounds,
    callback: () => {
      context.runInAsyncScope(callback);
    },
  });
  if (entries.length === 1) nextTick(advance);
}

function advance(): void {
  round += 1;
  while (entries.length > 0 && (entries[0] as Entry).due <= round)
    (entries.shift() as Entry).callback();
  if (entries.length > 0) microtask(nextRound);
}

function nextRound(): void {
  nextTick(advance);
}
