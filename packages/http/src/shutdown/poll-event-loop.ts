// Taken once, so that fake timers cannot hold a shutdown back.
const nextTurn = setImmediate;

/**
 * Lets the event loop take what the system has received by now. After a blocked loop timers come first:
 * requests that came well within the delay would be reset unread. Several turns, since Node may accept
 * one connection in each; empty ones take microseconds.
 */
export async function pollEventLoop(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) {
    await new Promise<void>((resolve) => {
      nextTurn(resolve);
    });
  }
}
