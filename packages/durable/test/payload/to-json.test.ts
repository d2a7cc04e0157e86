import { runInNewContext } from 'node:vm';
import type { JobPayloadError } from '@outlive/durable';
import { toJson } from '../../src/payload/to-json.ts';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

class Money {
  readonly cents = 1;
}

class Decimal {
  toJSON(): string {
    return '1.50';
  }
}

class Careless {
  toJSON(): unknown {
    return { tags: new Set() };
  }
}

const cycle: { list: unknown[] } = { list: [] };
cycle.list.push({ back: cycle });
const twice = { a: 1 };
/** Of 2 to the power of 60 values, with one object for each level. */
const manyPaths = Array.from({ length: 60 }).reduce<unknown>((inner) => [inner, inner], 1);
const throwing = {
  get field(): never {
    throw new Error('not now');
  },
};

function refusalOf(payload: unknown): JobPayloadError {
  try {
    toJson('job', payload);
  } catch (error) {
    return error as JobPayloadError;
  }
  throw new Error('It was accepted');
}

describe('a payload', () => {
  it('is what JSON makes of it: a Date arrives as text, an undefined field does not', () => {
    const at = new Date(0);
    expect(toJson('job', { at, gone: undefined })).toEqual({ at: at.toISOString() });
  });

  it.each([
    ['the most bytes', 'x'.repeat(999_998)],
    ['the most levels', nested(100)],
    ['an escaped backslash before a u', '\\u0000'],
    ['two of them', '\\\\ud800'],
    ['one object in two places', { a: twice, b: [twice, twice] }],
    ['a key that is special to objects alone', JSON.parse('{"__proto__":{"a":1}}')],
    ['objects of another realm', runInNewContext('({ a: [{ b: 1 }] })')],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ])('may have %s', (_, payload) => {
    expect(JSON.stringify(toJson('job', payload))).toBe(JSON.stringify(payload));
  });

  it('may hold what says itself how it is written', () => {
    const url = new URL('http://127.0.0.1/a');
    expect(toJson('job', { price: new Decimal(), url })).toEqual({ price: '1.50', url: url.href });
  });

  it.each<[string, unknown, string]>([
    [
      'a Map',
      { items: [{ tags: new Map([[1, 2]]) }] },
      'payload.items[0].tags is an instance of Map',
    ],
    ['a Set', { tags: new Set([1]) }, 'payload.tags is an instance of Set'],
    [
      'a Map of another realm',
      { a: runInNewContext('new Map()') },
      'payload.a is an instance of Map',
    ],
    ['a WeakMap', [new WeakMap()], 'payload[0] is an instance of WeakMap'],
    ['NaN', { price: NaN }, 'payload.price is NaN, which JSON makes null'],
    ['Infinity', [1, -Infinity], 'payload[1] is -Infinity, which JSON makes null'],
    ['a function', { done() {} }, 'payload.done is a function, which JSON drops'],
    ['a class', { Money }, 'payload.Money is a function'],
    ['a symbol', { kind: Symbol('a') }, 'payload.kind is a symbol, which JSON drops'],
    [
      'a symbol as key',
      { a: { [Symbol('key')]: 1 } },
      'payload.a is an object with the key Symbol(key)',
    ],
    ['undefined in an array', { list: [1, undefined] }, 'payload.list[1] is undefined: pass null'],
    // eslint-disable-next-line no-sparse-arrays -- the hole is what is tested
    ['a hole in an array', { list: [1, , 2] }, 'payload.list[1] is undefined: pass null'],
    ['a property of an array', /a/.exec('a'), 'payload.index is a property of an array'],
    ['an instance of a class', { price: new Money() }, 'payload.price is an instance of Money'],
    ['an Error', { error: new TypeError('x') }, 'payload.error is an instance of TypeError'],
    ['a RegExp', { pattern: /a/ }, 'payload.pattern is an instance of RegExp'],
    ['a promise', Promise.resolve(1), 'payload is an instance of Promise'],
    ['bytes', { bytes: new Uint8Array(2) }, 'payload.bytes is an instance of Uint8Array'],
    ['a boxed number', { n: Object(1) }, 'payload.n is an instance of Number'],
    [
      'an invalid Date',
      { at: new Date(NaN) },
      'payload.at is an invalid Date, which JSON makes null',
    ],
    [
      'a toJSON() that gives such a value',
      [new Careless()],
      'payload[0].tags is an instance of Set',
    ],
    ['a BigInt', { 'the id': 1n }, 'payload["the id"] is a BigInt: pass a string or a number'],
    ['a cycle', cycle, 'payload.list[0].back is an object that it is inside of (a cycle)'],
    ['undefined itself', undefined, 'payload is undefined'],
    ['a NUL after a backslash', { a: '\\\0' }, 'payload.a is text with a NUL character or half'],
    ['half of a surrogate pair', ['\uDFFF'], 'payload[0] is text with a NUL character or half'],
    ['a NUL in a key', { 'a\0': 1 }, 'payload["a\\u0000"] is text with a NUL character or half'],
    ['a level too many', { a: nested(100) }, 'is nested more than 100 deep'],
    ['so many levels that a stack would overflow', nested(5_000), 'is nested more than 100 deep'],
    ['values without end', manyPaths, 'is one of more than 1000000 values'],
  ])('is refused with %s, and the path is named', (_, payload, message) => {
    const error = refusalOf(payload);
    expect(error).toMatchObject({ name: 'JobPayloadError', code: 'ERR_JOB_PAYLOAD' });
    expect(error.message).toContain('The payload of job cannot be stored: payload');
    expect(error.message).toContain(message);
  });

  it.each([
    ['a byte too many', 'x'.repeat(999_999), 'has 1000001 bytes as JSON (allowed: 1000000)'],
    ['bytes too many in few characters', '€'.repeat(333_334), 'has 1000004 bytes'],
    ['what cannot be read', throwing, 'cannot be read'],
  ])('is refused with %s', (_, payload, message) => {
    expect(refusalOf(payload).message).toContain(`The payload of job ${message}`);
  });

  it('is refused with the path in `issues`, for the answer to a request', () => {
    expect(refusalOf({ items: [{ price: NaN }] }).issues).toEqual([
      { message: 'is NaN, which JSON makes null', path: ['items', 0, 'price'] },
    ]);
  });
});
