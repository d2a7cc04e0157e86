import { inspect, type InspectOptions } from 'node:util';

/**
 * Makes `console.log()` and `util.inspect()` print the instances of a class as what `describe` gives, in place of
 * their fields. (https://nodejs.org/api/util.html#custom-inspection-functions-on-objects)
 */
export function printedAs<T extends object>(
  prototype: T,
  describe: (instance: T) => { title: string; short: string; shown: object },
): void {
  function inspectCustom(this: T, depth: number, options: InspectOptions): string {
    const { title, short, shown } = describe(this);
    if (depth < 0) return `[${title} ${short}]`;
    const known = Object.entries(shown).filter(([, value]) => value !== undefined);
    return `${title} ${inspect(Object.fromEntries(known), options)}`;
  }
  Object.defineProperty(prototype, inspect.custom, { value: inspectCustom });
}

/** Has `JSON.stringify()`, and every logger that uses it, write an object as what `describe` gives. */
export function writtenAs<T extends object>(target: T, describe: (instance: T) => object): void {
  Object.defineProperty(target, 'toJSON', {
    value(this: T): object {
      return describe(this);
    },
  });
}
