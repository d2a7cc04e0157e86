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
 * At the end of the grace the connections go first, and their jobs have `closeTimeout` still: an `after`
 * job, or one that lasts as long as its WebSocket, has no other end to wait for. But what has not been
 * answered at all may be answered by a cancelled handler.
 */
export async function closeServers(
  servers: Servers,
  patience: Patience,
  { timeout, closeTimeout }: ShutdownBounds,
): Promise<DestroyedResponse[]> {
  const begun = performance.now();
  const isIdle = await patience.atMost(timeout, servers.whenIdle());
  const end = servers.whenClosed();
  const { waiting } = servers;
  const cut: DestroyedResponse[] = [];
  if (!isIdle) {
    cut.push(...servers.destroyBegun());
    // When the sockets have said so, jobs end and begin.
    await pollEventLoop();
  }
  if (waiting.length === 0) servers.endGrace();
  else if (!isIdle) {
    servers.cancelOthers(waiting);
    cut.push(...servers.cutAwaited(waiting));
  }
  // All else has ended: those that speak another protocol may still say goodbye.
  await patience.atMost(closeTimeout, end);
  cut.push(...servers.destroyConnections());
  if (waiting.length > 0) {
    await pollEventLoop();
    if (isIdle) await patience.atMost(Math.max(0, timeout - (performance.now() - begun)), end);
    servers.endGrace();
  }
  // Of a connection that was found late something may have been missed.
  await patience.atMost(closeTimeout, end);
  return cut;
}
