const warnAfter = 1_000;

/** Warns of a close that is held for long, where nobody asked for that. Gives what calls the warning off. */
export function warnHeldClose(names: () => readonly string[]): () => void {
  const timer = setTimeout(() => {
    process.emitWarning(
      `A closed server still waits for jobs of its requests: ${names().join(', ')}. ` +
        'If nobody shall wait for them, say in a test, give the jobs middleware `drainOnClose: false`.',
      { type: 'OutliveWarning', code: 'OUTLIVE_HELD_CLOSE' },
    );
  }, warnAfter).unref();
  return () => {
    clearTimeout(timer);
  };
}
