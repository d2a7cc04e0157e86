import type { Duplex } from 'node:stream';
import { endWithin, now } from './arrival.ts';

/**
 * What a connection is made of: a socket of Node's, or any stream that the user's code has handed over by
 * `server.emit('connection', stream)`: https://nodejs.org/api/http.html#event-connection
 */
export type ConnectionStream = Duplex;

/** Whether it can be watched and ended: tools that fake a request put less in the place of its socket. */
export function isStream(value: unknown): value is ConnectionStream {
  const { once, end, destroy, destroyed } = (value ?? {}) as Partial<ConnectionStream>;
  return (
    typeof once === 'function' &&
    typeof end === 'function' &&
    typeof destroy === 'function' &&
    typeof destroyed === 'boolean'
  );
}

/** When the end of each was asked for, in ms of `now()`. */
const ending = new WeakMap<ConnectionStream, number>();

/**
 * Ends a connection as soon as what has been written on it has been sent. Gives in how many ms to call
 * this again: a stream may keep its end to itself for as long as nobody reads at its other side.
 */
export function endSoon(stream: ConnectionStream): number {
  if (stream.destroyed) return Infinity;
  const since = ending.get(stream);
  if (since === undefined) {
    ending.set(stream, now());
    if (!stream.writableEnded) stream.end();
    if (!stream.writableFinished) stream.once('finish', () => stream.destroy());
  }
  const wait = (since ?? now()) + endWithin - now();
  if (stream.writableFinished || (wait <= 0 && stream.writableLength === 0)) stream.destroy();
  return stream.destroyed ? Infinity : endWithin;
}

/** Whether anything at all has been read from a connection. */
export function hasSpoken(stream: ConnectionStream): boolean {
  const { bytesRead } = stream as { bytesRead?: number };
  // Node's HTTP parser takes the bytes of a socket before the stream sees them; of other streams it reads.
  return bytesRead === undefined ? stream.readableDidRead : bytesRead > 0;
}
