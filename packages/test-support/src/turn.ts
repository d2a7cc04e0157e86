const immediate = setImmediate;
const timeout = setTimeout;

/** The next turn of the event loop: every promise job and tick of this one is over. Works under fake timers. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    immediate(resolve);
  });
}

/** In `delay` ms. Works under fake timers. */
export function pause(delay: number): Promise<void> {
  return new Promise((resolve) => {
    timeout(resolve, delay);
  });
}
