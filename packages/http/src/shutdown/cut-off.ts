import type { ServerResponse } from 'node:http';
import type { Http2Stream } from 'node:http2';
import type { RequestState } from '../request/request-state.ts';

/** Ends the connection of a response by force; of HTTP/2 its stream alone. */
export function cutOff(state: RequestState | undefined): void {
  if (state === undefined) return;
  const { request, response } = state;
  const { stream } = response as { stream?: Partial<Http2Stream> };
  // Those of mocks may lack the method.
  (stream ?? (request.socket as Partial<typeof request.socket> | undefined))?.destroy?.();
}

export function isCutOff(response: ServerResponse): boolean {
  const { stream } = response as { stream?: Partial<Http2Stream> };
  return (stream ?? response.req.socket).destroyed === true;
}
