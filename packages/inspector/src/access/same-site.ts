import type { IncomingMessage } from 'node:http';

/**
 * Whether a request can have been made by the page itself: browsers say which site made one. Other clients say
 * nothing, and are let through to the check of the token.
 */
export function isSameOrigin({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  if (origin === undefined) return true;
  // Of a page in a sandbox it is `null`.
  if (!URL.canParse(origin)) return false;
  // Of a proxy that changes `Host`; no other site can have a browser send this.
  const forwarded = headers['x-forwarded-host'];
  return [headers.host, headers[':authority'], forwarded].includes(new URL(origin).host);
}
