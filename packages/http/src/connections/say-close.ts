import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { overrideMethod } from '../util/override-method.ts';

type Headers = OutgoingHttpHeaders | readonly unknown[];

const seen = new WeakSet<ServerResponse>();

/**
 * Has a response say `Connection: close` also where its handler sets that header itself, to `keep-alive`
 * for one: by `setHeader()`, or in the call of `writeHead()`, which every response ends up with.
 *
 * @param shallSo - asked when the head is written
 */
export function sayClose(response: ServerResponse, shallSo: () => boolean): void {
  if (seen.has(response) || typeof response.writeHead !== 'function') return;
  seen.add(response);
  const { writeHead } = response;
  overrideMethod(response, 'writeHead', (...args: unknown[]) => {
    // That of a connection which speaks another protocol from then on.
    if (args[0] === 101 || response.headersSent || !shallSo()) {
      return Reflect.apply(writeHead, response, args);
    }
    response.shouldKeepAlive = false;
    // Node adds the header by itself, but to a response that has taken it out.
    const { _removedConnection: removed } = response as { _removedConnection?: boolean };
    const own = response.getHeader('Connection') ?? (removed === true ? [] : undefined);
    if (own !== undefined) response.setHeader('Connection', closing(own));
    const at = typeof args[1] === 'string' || isObject(args[2]) ? 2 : 1;
    const given = args[at];
    if (isObject(given)) args[at] = withClose(given as Headers);
    return Reflect.apply(writeHead, response, args);
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The headers in any form that `writeHead()` takes: an object, a list of names and values, or of pairs. */
function withClose(headers: Headers): Headers {
  if (!Array.isArray(headers)) {
    const entries = Object.entries(headers).map(([name, value]) => [name, closingIf(name, value)]);
    return Object.fromEntries(entries) as OutgoingHttpHeaders;
  }
  if (Array.isArray(headers[0])) {
    return headers.map(([name, value]: [string, unknown]) => [name, closingIf(name, value)]);
  }
  return headers.map((each: unknown, index) =>
    index % 2 === 0 ? each : closingIf(headers[index - 1] as string, each),
  );
}

function closingIf(name: string, value: unknown): unknown {
  return name.toLowerCase() === 'connection' ? closing(value) : value;
}

/** The value of the header, with `close` in the place of `keep-alive`. */
function closing(value: unknown): string {
  const tokens = [value].flat().flatMap((each) => String(each).split(','));
  const others = tokens
    .map((token) => token.trim())
    .filter((token) => token !== '' && !/^(?:keep-alive|close)$/i.test(token));
  return [...others, 'close'].join(', ');
}
