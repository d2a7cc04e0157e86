/** The names that are stopped, as far as this process knows. */
export class PausedNames {
  #names: ReadonlySet<string> = new Set();
  /** What has been heard since each look that is under way began. */
  readonly #looks = new Set<Map<string, boolean>>();

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** A notification. */
  hear(name: string, isPaused: boolean): void {
    for (const heard of this.#looks) heard.set(name, isPaused);
    this.#names = changed(this.#names, [[name, isPaused]]);
  }

  /** Takes over what a look has found; it does not know what has been heard since it began. */
  async look<T extends { readonly paused: readonly string[] }>(
    looking: () => Promise<T>,
  ): Promise<T> {
    const heard = new Map<string, boolean>();
    this.#looks.add(heard);
    try {
      const found = await looking();
      this.#names = changed(new Set(found.paused), heard);
      return found;
    } finally {
      this.#looks.delete(heard);
    }
  }
}

function changed(
  names: ReadonlySet<string>,
  changes: Iterable<readonly [string, boolean]>,
): ReadonlySet<string> {
  const result = new Set(names);
  for (const [name, isPaused] of changes) {
    if (isPaused) result.add(name);
    else result.delete(name);
  }
  return result;
}
