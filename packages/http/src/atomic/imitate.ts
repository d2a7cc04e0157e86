/** Of every function alone, or not to be read. */
const own: ReadonlySet<PropertyKey> = new Set(['prototype', 'arguments', 'caller']);

/** What `reflect-metadata` adds to `Reflect`, where an app has loaded it. */
interface WithMetadata {
  getOwnMetadataKeys(target: object): readonly unknown[];
  getOwnMetadata(key: unknown, target: object): unknown;
  defineMetadata(key: unknown, value: unknown, target: object): void;
}

/**
 * Gives a wrapper all that others read off a function, or have put on it: the length, by which Express tells an
 * error handler, the name, and the metadata that decorators such as those of NestJS have left.
 */
export function imitate(wrapper: object, wrapped: object): void {
  for (const key of Reflect.ownKeys(wrapped)) {
    const descriptor = Object.getOwnPropertyDescriptor(wrapped, key);
    if (!own.has(key) && descriptor !== undefined) Object.defineProperty(wrapper, key, descriptor);
  }
  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata } = Reflect as typeof Reflect &
    Partial<WithMetadata>;
  if (getOwnMetadataKeys === undefined || getOwnMetadata === undefined) return;
  for (const key of getOwnMetadataKeys(wrapped)) {
    defineMetadata?.(key, getOwnMetadata(key, wrapped), wrapper);
  }
}
