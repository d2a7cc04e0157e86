import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { schedulersOfServer } from './server-schedulers.ts';

/** A request that Node has handed over by `'upgrade'` or `'connect'`: no framework sees it, and it has no response. */
export interface UpgradeRequest extends IncomingMessage {
  readonly upgrade: true;
}

export function isUpgradeRequest(request: object): request is UpgradeRequest {
  return (request as { upgrade?: unknown }).upgrade === true;
}

/** What stands for its response: the socket, whose end is the end of all that is answered. */
export function responseOfUpgrade({ socket }: UpgradeRequest): ServerResponse {
  return socket as Socket & ServerResponse;
}

/** Why the server of such a request does not decide which scheduler it belongs to. */
export function whyNoneOfUpgrade(request: object): string | undefined {
  if (!isUpgradeRequest(request)) return undefined;
  const count = schedulersOfServer(request).length;
  if (count > 1) {
    return (
      `No scheduler for this upgrade request: its server has ${count}, and no jobs middleware has run on it. ` +
      'Call `spawn()` of the scheduler that you mean.'
    );
  }
  return (
    'No scheduler for this upgrade request: no jobs middleware has run on it, and its server has none so far. ' +
    'Attach one before the first request: `drainOnClose(server, scheduler)`, or `setup(app)` in Express and Koa.'
  );
}
