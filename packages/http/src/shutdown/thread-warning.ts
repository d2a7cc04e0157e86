import { isMainThread } from 'node:worker_threads';

let warned = false;

/** Says, once, that a worker thread gets no signals: Node hands them to the main thread alone. */
export function warnOfThread(): void {
  if (isMainThread || warned) return;
  warned = true;
  process.emitWarning(
    'gracefulShutdown() runs in a worker thread, where no signal ever comes: have the main thread send a message, ' +
      'and call shutdown() of the handle for it. `signals: []` says that this is so, and `message` is for messages of a parent process.',
    { type: 'OutliveWarning', code: 'OUTLIVE_NO_SIGNALS' },
  );
}
