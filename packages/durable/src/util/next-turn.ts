/** Calls back in the next turn of the event loop. Taken once, so that fake timers in a user's tests cannot hold it back. */
export const nextTurn: typeof setImmediate = setImmediate;
