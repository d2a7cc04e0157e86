import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** A connection that Node knows of. */
export interface OpenSocket {
  readonly socket: Socket;
  /** Whether HTTP/1 is spoken on it; else another layer, TLS or HTTP/2, has taken it over. */
  readonly isHttp1: boolean;
  /** The one that is being answered. */
  readonly response: ServerResponse | undefined;
}

/**
 * The connections of a server that has not been watched from its beginning. Node has no public list of
 * them; what this one misses is ended by Node's own time-outs.
 */
export function openSockets(server: object): OpenSocket[] {
  const { _getActiveHandles: activeHandles } = process as {
    _getActiveHandles?: () => readonly object[];
  };
  const found: OpenSocket[] = [];
  for (const handle of activeHandles?.call(process) ?? []) {
    const of = handle as {
      server?: unknown;
      parser?: unknown;
      _httpMessage?: ServerResponse | null;
    };
    if (of.server !== server || !(handle instanceof Socket)) continue;
    found.push({
      socket: handle,
      isHttp1: of.parser !== undefined && of.parser !== null,
      response: of._httpMessage ?? undefined,
    });
  }
  return found;
}
