// Taken once, so that fake timers cannot hold a close back.
const { performance } = globalThis;

/** In ms, of a clock that nobody sets. */
export const now: () => number = performance.now.bind(performance);

/** In ms: how long the next request may take to arrive on a connection that is new, or was said to be kept. */
export const nextRequestWithin = 50;

/** In ms: how long the rest of a head may take that has begun to arrive. A close takes no longer than 100 ms for want of requests. */
export const headWithin = 80;

/** In ms: how long a handshake may take that has begun, and after it the first request. */
export const handshakeWithin = 500;

/** In ms: how long the end of a connection may take on which all is sent that was written. */
export const endWithin = 500;
