import { firstOf } from '../src/live/first-of.ts';

const byKey = (a: { key: number }, b: { key: number }): number => a.key - b.key;

it.each([0, 1, 25, 499, 501, 2_000])(
  'gives what sorting all would give: the first %i',
  (wanted) => {
    // Many have the same key: their order stays.
    const all = Array.from({ length: 1_000 }, (_, at) => ({ key: (at * 7_919) % 101, at }));
    expect(firstOf(all, wanted, byKey)).toEqual(all.toSorted(byKey).slice(0, wanted));
  },
);
