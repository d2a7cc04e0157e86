import type { Patience } from './patience.ts';
import { pollEventLoop } from './poll-event-loop.ts';
import type { DestroyedResponse } from './report.ts';
import type { Servers } from './servers.ts';

/** In ms. */
export interface ShutdownBounds {
  readonly timeout: number;
  readonly closeTimeout: number;
}

/**
 * Once they close: waits for requests and jobs, then ends by force what does not end by itself. Gives what
 * that has cut off.
 *
 * What waits for the end of a response, `after` jobs, can only begin when that is cut off. So the
 * connections go first then, and the jobs still have `closeTimeout`.
 */
export async function closeServers(
  servers: Servers,
  patience: Patience,
  { timeout, closeTimeout }: ShutdownBounds,
): Promise<DestroyedResponse[]> {
  const begun = performance.now();
  const isIdle = await patience.atMost(timeout, servers.whenIdle());
  const end = servers.whenClosed();
  if (!servers.isAwaited) {
    servers.endGrace();
    // Of the servers themselves: those that speak another protocol may still say goodbye.
    await patience.atMost(closeTimeout, end);
    const cut = servers.destroyConnections();
    // Of one that was found late something may have been missed.
    await patience.atMost(closeTimeout, end);
    return cut;
  }
  const cut = isIdle ? [] : servers.cancelOthers();
  await pollEventLoop();
  await patience.atMost(closeTimeout, end);
  cut.push(...servers.destroyConnections());
  // When the sockets have said so, the jobs begin.
  await pollEventLoop();
  if (isIdle) await patience.atMost(Math.max(0, timeout - (performance.now() - begun)), end);
  servers.endGrace();
  await patience.atMost(closeTimeout, end);
  return cut;
}
