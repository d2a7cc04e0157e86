/** Whether a value is a generator object, of any realm. */
export function isGenerator(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const tag: unknown = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
    return tag === 'Generator' || tag === 'AsyncGenerator';
  } catch {
    return false; // a getter that throws, or a revoked proxy
  }
}

/** What a function fails with that gave a generator: nobody would iterate over it, so its body would never run. */
export function generatorError(): TypeError {
  return new TypeError(
    'The function returned a generator, whose body nobody runs: pass an async function that iterates over it',
  );
}

/** @throws TypeError for a generator object, which `returned` may be */
export function refuseGenerator(returned: unknown): void {
  if (isGenerator(returned)) throw generatorError();
}
