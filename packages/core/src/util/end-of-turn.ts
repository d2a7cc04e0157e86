import { Context } from './context.ts';

// Taken once, so that fake timers in a user's tests cannot hold back failure reports.
const nextTick = process.nextTick.bind(process);
const microtask = queueMicrotask;

// Node itself decides at the end of a turn (all ticks and promise jobs done) which rejections nobody
// handled, but tells only process-wide listeners. A round here is one full drain of the tick queue
// and one of the promise jobs, each however long; the turn is over after a round in which nobody
// else queued a tick. The bound is for an async hook that queues something on account of our ticks.
const mostRounds = 1_000;

const entries: (() => void)[] = [];
let rounds = 0;
let quiet = false;
let lastId = 0;

/**
 * Calls back at the end of this turn of the event loop, after its `process.nextTick` callbacks and
 * promise jobs and before any later macrotask, in the AsyncLocalStorage context of the caller.
 */
export function atEndOfTurn(callback: () => void): void {
  const context = new Context('OutliveEndOfTurn');
  entries.push(() => {
    context.runInAsyncScope(callback);
  });
  if (entries.length > 1) return;
  rounds = 0;
  nextTick(advance);
}

function advance(): void {
  const over = nothingQueued() && quiet;
  rounds += 1;
  // A round has to pass first, whatever was queued before.
  if (rounds > 1 && (over || rounds > mostRounds)) {
    for (const callback of entries.splice(0)) callback();
    return;
  }
  microtask(nextRound);
  nothingQueued();
}

function nextRound(): void {
  quiet = nothingQueued();
  nextTick(advance);
  nothingQueued();
}

/** Whether nobody queued a tick since the last call: Node numbers them, and each call takes a number. */
function nothingQueued(): boolean {
  const id = new Context('OutliveEndOfTurn').asyncId();
  const nothing = id <= lastId + 1;
  lastId = id;
  return nothing;
}
