const immediate = setImmediate;

/** The next turn of the event loop: every promise job and tick of this one is over. Works under fake timers. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    immediate(resolve);
  });
}
