import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { parsedStreams } from './parser-list.ts';
import type { ConnectionStream } from './stream.ts';

/** A connection that Node knows of. */
export interface OpenSocket {
  readonly socket: ConnectionStream;
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
  for (const socket of parsedStreams(server, 'all') ?? []) {
    found.push({ socket, isHttp1: true, response: socket._httpMessage ?? undefined });
  }
  for (const handle of activeHandles?.call(process) ?? []) {
    const { server: of, parser } = handle as { server?: unknown; parser?: object | null };
    if (of !== server || !(handle instanceof Socket) || parser) continue;
    found.push({ socket: handle, isHttp1: false, response: undefined });
  }
  return found;
}
