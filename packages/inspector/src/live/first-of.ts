/** From so many wanted ones on, to sort all is less work than to insert each where it belongs. */
const manyWanted = 500;

/** The first ones of a list by an order, without sorting all of it: of 10,000 a page shows 25. */
export function firstOf<T>(all: readonly T[], wanted: number, order: (a: T, b: T) => number): T[] {
  if (wanted > manyWanted) return all.toSorted(order).slice(0, wanted);
  const first: T[] = [];
  for (const each of all) {
    const last = first.at(-1);
    if (first.length === wanted && last !== undefined && order(each, last) >= 0) continue;
    first.splice(placeIn(first, each, order), 0, each);
    if (first.length > wanted) first.pop();
  }
  return first;
}

/** Behind those that are equal to it. */
function placeIn<T>(sorted: readonly T[], item: T, order: (a: T, b: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (order(item, sorted[middle] as T) < 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
