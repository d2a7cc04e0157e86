import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request and its response, whichever framework they come from. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The request as the framework has it: what `authorize` is asked about. */
  readonly subject: object;
  /** The URL as it was sent, as far as that is known. */
  readonly url: string;
  /** The path below the place where the page is mounted; `undefined` where nothing tells that place. */
  readonly path: string | undefined;
  /** The body, if something has parsed it already. */
  readonly parsedBody?: unknown;
  /** Hands a request on that is not for the page; `undefined` where nobody else could answer it. */
  readonly pass?: (() => void) | undefined;
}

/** The part of a URL in front of `?`. */
export function pathOf(url: string): string {
  return url.replace(/[?#].*$/s, '') || '/';
}

export function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at));
}
