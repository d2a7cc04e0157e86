// Taken once, so that fake timers cannot hold a close back.
const { performance } = globalThis;

/** In ms, of a clock that nobody sets. */
export const now: () => number = performance.now.bind(performance);

/** In ms: how long the next request may take to arrive on a connection that is new, or was said to be kept. */
export const nextRequestWithin = 50;

/** In ms: how long the rest may take of a head or a handshake that has begun to arrive. */
export const restWithin = 500;

/** In ms: how long the end of a connection may take on which all is sent that was written. */
export const endWithin = 500;
