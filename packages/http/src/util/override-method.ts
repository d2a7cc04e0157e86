/**
 * Gives an object a method of its own in place of the one that it has, inherited or not. The function
 * that this returns puts that one back, unless the method has been replaced once more meanwhile.
 */
export function overrideMethod<T extends object, K extends keyof T>(
  object: T,
  method: K,
  replacement: T[K],
): () => void {
  const own = Object.getOwnPropertyDescriptor(object, method);
  object[method] = replacement;
  return () => {
    if (object[method] !== replacement) return;
    if (own === undefined) Reflect.deleteProperty(object, method);
    else Object.defineProperty(object, method, own);
  };
}
