import type { ServerResponse } from 'node:http';
import { type ConnectionStream, isStream } from './stream.ts';

/** A connection on which Node's HTTP/1 parser reads. */
export type ParsedStream = ConnectionStream & { readonly _httpMessage?: ServerResponse | null };

interface ParserList {
  all(): readonly { readonly socket: unknown }[];
  idle(): readonly { readonly socket: unknown }[];
}

/**
 * The connections of a server that speak HTTP/1, as Node knows them: all, or those that are not in the
 * middle of a request, half of whose head may have come. Node keeps them in a list that has no public
 * door but `closeIdleConnections()`, which ends them:
 * https://github.com/nodejs/node/blob/v24.0.0/lib/_http_server.js#L600. `undefined` where there is no
 * list, as before a server listens.
 */
export function parsedStreams(server: object, which: keyof ParserList): ParsedStream[] | undefined {
  const symbol = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections',
  );
  if (symbol === undefined) return undefined;
  const list = (server as Record<symbol, Partial<ParserList> | undefined>)[symbol];
  return list?.[which]?.().flatMap(({ socket }) => (isStream(socket) ? socket : []));
}
