type Scalar = string | number | boolean | null | undefined;

/**
 * The type of a payload as `spawn()` takes it: `T`, but with a text that says why in the place of all that does not
 * come back from JSON as what it was. A handler whose payload has a Date would get a string there.
 *
 * @example
 * ```ts
 * import { defineJob, type JobPayload } from '@outlive/durable';
 *
 * const remind = defineJob('remind', ({ at }: { at: string }) => console.log(new Date(at)));
 * const payload: JobPayload<{ at: string }> = { at: new Date().toISOString() };
 * console.log(remind.name, typeof payload.at); // remind string
 * ```
 */
export type JobPayload<T> = unknown extends T
  ? T
  : T extends Scalar
    ? T
    : T extends Date
      ? 'A Date arrives as text: declare a string, and pass toISOString()'
      : T extends bigint | symbol | ((...args: never) => unknown)
        ? 'JSON cannot hold this'
        : T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | RegExp | Error
          ? 'JSON loses what is in it: declare an array or a plain object'
          : T extends { toJSON(): unknown }
            ? 'Its toJSON() makes something else of it: declare that'
            : { [K in keyof T]: JobPayload<T[K]> };
