import { type EventEmitter, once } from 'node:events';
import { nextTurn, pause } from './turn.ts';

const now = performance.now.bind(performance);

/** So many turns are looked at one by one; what takes longer shall not cost the tests beside it a processor. */
const turns = 500;

/** Turns enough for whatever would follow from what has happened: for "nothing more happens". */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
}

/** Resolves when it holds, and fails the test if it does not come to hold within a minute. Works under fake timers. */
export async function until(condition: () => boolean): Promise<void> {
  const givenUpAt = now() + 60_000;
  for (let count = 0; !condition(); count += 1) {
    if (now() > givenUpAt) throw new Error(`Never came to hold: ${String(condition)}`);
    await (count < turns ? nextTurn() : pause(2));
  }
}

/** When a socket or a response has closed, also if it has already; with an error or without. */
export function closed(
  emitter: EventEmitter & { readonly closed: boolean; readonly destroyed: boolean },
): Promise<void> {
  // A response of Deno's has no `closed`.
  const isClosed = (emitter.closed as boolean | undefined) ?? emitter.destroyed;
  return new Promise((resolve) => {
    if (isClosed) resolve();
    else emitter.once('close', resolve);
  });
}

export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
