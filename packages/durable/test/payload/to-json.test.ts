import { toJson } from '../../src/payload/to-json.ts';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('a payload', () => {
  it('is what JSON makes of it', () => {
    const at = new Date(0);
    expect(toJson('job', { at, gone: undefined, list: [undefined] })).toEqual({
      at: at.toISOString(),
      list: [null],
    });
  });

  it.each([
    ['the most bytes', 'x'.repeat(999_998)],
    ['the most levels', nested(100)],
    ['an escaped backslash before a u', '\\u0000'],
    ['two of them', '\\\\ud800'],
  ])('may have %s', (_, payload) => {
    expect(toJson('job', payload)).toEqual(payload);
  });

  it.each([
    ['a byte too many', 'x'.repeat(999_999), 'has 1000001 bytes as JSON (allowed: 1000000)'],
    ['bytes too many in few characters', '€'.repeat(333_334), 'has 1000004 bytes'],
    ['a level too many', nested(101), 'is nested more than 100 deep'],
    ['a NUL after a backslash', '\\\0', 'holds a NUL character or half of a surrogate pair'],
    ['half of a surrogate pair', '\uDFFF', 'holds a NUL character or half of a surrogate pair'],
    ['no JSON at all', undefined, 'is no JSON: undefined'],
  ])('is refused with %s', (_, payload, message) => {
    expect(() => toJson('job', payload)).toThrow(`The payload of job ${message}`);
  });
});
