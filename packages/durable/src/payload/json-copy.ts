import { JobPayloadError } from '../errors.ts';

/** Most levels of arrays and objects in a payload. */
const maxDepth = 100;
/** Most values in a payload: more do not fit into the bytes that it may have. One object may stand in many places. */
const maxValues = 1_000_000;

// A lone half of a surrogate pair, or NUL: PostgreSQL's jsonb refuses both
// (https://www.postgresql.org/docs/current/datatype-json.html).
const unstorable = /[\0\p{Surrogate}]/u;

type Path = readonly (string | number)[];

/**
 * A copy of a payload that `JSON.stringify()` writes without a loss. Refuses what JSON would change without a word:
 * a Map becomes `{}` there, NaN becomes null, a function vanishes. A `toJSON()` decides for itself.
 *
 * @throws {@link JobPayloadError} with the path of the value
 */
export function jsonCopy(name: string, payload: unknown, what = 'payload'): unknown {
  return new JsonCopy(name, what).copy(payload, []);
}

class JsonCopy {
  readonly #name: string;
  /** What the value is: `payload`. */
  readonly #what: string;
  /** The arrays and objects that the present value is in. */
  readonly #around = new Set<object>();
  #values = 0;

  constructor(name: string, what: string) {
    this.#name = name;
    this.#what = what;
  }

  copy(given: unknown, path: Path): unknown {
    this.#values += 1;
    if (this.#values > maxValues) this.#refuse(path, `one of more than ${maxValues} values`);
    const value = this.#converted(given, path);
    switch (typeof value) {
      case 'string':
        return this.#text(value, path);
      case 'number':
        if (!Number.isFinite(value)) this.#refuse(path, `${value}, which JSON makes null`);
        return value;
      case 'boolean':
        return value;
      case 'object':
        return value === null ? null : this.#inside(value, path);
      case 'bigint':
        return this.#refuse(path, 'a BigInt: pass a string or a number');
      case 'symbol':
      case 'function':
        return this.#refuse(path, `a ${typeof value}, which JSON drops`);
      case 'undefined':
        return this.#refuse(path, path.length === 0 ? 'undefined' : 'undefined: pass null');
      default:
        throw new TypeError('unreachable');
    }
  }

  /** What the `toJSON()` of a value makes of it: that of a Date is text. */
  #converted(value: unknown, path: Path): unknown {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'bigint') return value;
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON !== 'function') return value;
    if (value instanceof Date && Number.isNaN(value.getTime())) {
      this.#refuse(path, 'an invalid Date, which JSON makes null');
    }
    return toJSON.call(value, String(path.at(-1) ?? '')) as unknown;
  }

  #text(text: string, path: Path): string {
    if (unstorable.test(text)) {
      this.#refuse(path, 'text with a NUL character or half of a surrogate pair');
    }
    return text;
  }

  #inside(value: object, path: Path): unknown {
    if (this.#around.has(value)) this.#refuse(path, 'an object that it is inside of (a cycle)');
    if (path.length >= maxDepth) this.#refuse(path, `nested more than ${maxDepth} deep`);
    this.#around.add(value);
    const copy = Array.isArray(value) ? this.#array(value, path) : this.#object(value, path);
    this.#around.delete(value);
    return copy;
  }

  #array(array: readonly unknown[], path: Path): unknown[] {
    const extra = Object.keys(array).find((key) => !isIndex(key));
    if (extra !== undefined) {
      this.#refuse([...path, extra], 'a property of an array, which JSON drops');
    }
    // `Array.from` visits holes too.
    return Array.from(array, (item, index) => this.copy(item, [...path, index]));
  }

  #object(object: object, path: Path): object {
    if (!isPlain(object)) {
      this.#refuse(
        path,
        `${describe(object)}, of which JSON keeps fields alone: pass a plain object`,
      );
    }
    if (enumerableSymbol(object) !== undefined) {
      this.#refuse(
        path,
        `an object with the key ${String(enumerableSymbol(object))}, which JSON drops`,
      );
    }
    const fields: [string, unknown][] = [];
    for (const [key, value] of Object.entries(object)) {
      const place = [...path, key];
      this.#text(key, place);
      // A field that is missing, and one that is undefined, are the same to most programs.
      if (value !== undefined) fields.push([key, this.copy(value, place)]);
    }
    return Object.fromEntries(fields);
  }

  #refuse(path: Path, what: string): never {
    const place = `${this.#what}${path.map(step).join('')}`;
    throw new JobPayloadError(
      `The ${this.#what} of ${this.#name} cannot be stored: ${place} is ${what}`,
      {
        issues: [{ message: `is ${what}`, path }],
      },
    );
  }
}

/** Own properties of a class, an inner slot such as a Map's, and a prototype all get lost. Any realm's objects are plain. */
function isPlain(object: object): boolean {
  if (Object.prototype.toString.call(object) !== '[object Object]') return false;
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(object: object): string {
  const { name } = (object.constructor ?? {}) as { name?: unknown };
  return typeof name === 'string' && name !== '' && name !== 'Object'
    ? `an instance of ${name}`
    : 'no plain object';
}

function enumerableSymbol(object: object): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((key) =>
    Object.prototype.propertyIsEnumerable.call(object, key),
  );
}

function isIndex(key: string): boolean {
  return /^\d+$/.test(key);
}

function step(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    ? `.${key}`
    : `[${JSON.stringify(key)}]`;
}
