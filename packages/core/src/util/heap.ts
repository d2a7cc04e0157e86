/** Where an item stands in a {@link Heap}; -1 where it is in none. */
export interface Place {
  at: number;
}

/**
 * A binary heap whose items know their place, so that one can move or leave: in logarithmic time, of which most
 * calls need one or two steps.
 */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #comesBefore: (a: T, b: T) => boolean;
  readonly #placeOf: (item: T) => Place;

  constructor(comesBefore: (a: T, b: T) => boolean, placeOf: (item: T) => Place) {
    this.#comesBefore = comesBefore;
    this.#placeOf = placeOf;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** All of them, in no order. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** Adds the item, or moves it where its order has changed. */
  put(item: T): void {
    const place = this.#placeOf(item);
    if (place.at < 0) place.at = this.#items.push(item) - 1;
    this.#rise(item, place.at);
    this.#sink(item, place.at);
  }

  delete(item: T): void {
    const place = this.#placeOf(item);
    const { at } = place;
    if (at < 0) return;
    place.at = -1;
    const last = this.#items.pop() as T;
    if (last === item) return;
    this.#set(at, last);
    this.put(last);
  }

  #rise(item: T, from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = this.#items[parent] as T;
      if (!this.#comesBefore(item, above)) break;
      this.#set(at, above);
      at = parent;
    }
    if (at !== from) this.#set(at, item);
  }

  #sink(item: T, from: number): void {
    const { length } = this.#items;
    let at = from;
    for (let child = 2 * at + 1; child < length; child = 2 * at + 1) {
      const [left, right] = [this.#items[child] as T, this.#items[child + 1]];
      const isRight = right !== undefined && this.#comesBefore(right, left);
      const below = isRight ? right : left;
      if (!this.#comesBefore(below, item)) break;
      this.#set(at, below);
      at = isRight ? child + 1 : child;
    }
    if (at !== from) this.#set(at, item);
  }

  #set(at: number, item: T): void {
    this.#items[at] = item;
    this.#placeOf(item).at = at;
  }
}
