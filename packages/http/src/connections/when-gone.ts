// Not the globals, so that fake timers cannot hold a close back.
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';

/** In ms. Node loses the 'close' of a socket that is reset while it is shutting down. */
const closeEventWithin = 500;

const longestTimer = 2 ** 31 - 1;

/** A connection, as far as its end is concerned. */
export interface Closeable {
  readonly destroyed: boolean;
}

/**
 * Resolves when connections have said 'close', and their responses with them. Node emits a server's 'close'
 * one step earlier, and waits for no stream that it has been handed by `emit('connection', stream)`:
 * https://github.com/nodejs/node/blob/v24.0.0/lib/net.js#L2350.
 *
 * @param left - the connections that have not said so
 * @param when - resolves when it holds
 * @param bound - in ms, for those that are not destroyed
 */
export async function whenGone(
  left: () => readonly Closeable[],
  when: (isOver: () => boolean) => Promise<void>,
  bound: number,
): Promise<void> {
  await atMost(
    bound,
    when(() => left().every(({ destroyed }) => destroyed)),
  );
  await atMost(
    closeEventWithin,
    when(() => !left().some(({ destroyed }) => destroyed)),
  );
  // The listeners of one 'close' are called one after the other.
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

async function atMost(limit: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(limit, longestTimer));
  });
  await Promise.race([work, timeUp]);
  clearTimeout(timer);
}
