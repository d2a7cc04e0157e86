// Not the globals, so that fake timers in a user's tests do not run it.
import { clearTimeout, setTimeout } from 'node:timers';
import type { ResolvedOptions } from '../options.ts';
import type { Source } from '../sources.ts';
import type { ShownStore } from '../wire.ts';
import { shownStore } from './shown-store.ts';

/** Time in ms between the answer of a store and the next question. */
const askEvery = 2_000;
/** Time in ms after a change until a store is asked for its effect. */
const askAfterChange = 50;

/** What the stores of durable jobs hold: asked again and again while a page is open. */
export class StoreWatch {
  readonly #sources: readonly Source[];
  readonly #options: ResolvedOptions;
  #shown: readonly (ShownStore | null)[];
  #version = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Counts the beginnings and ends of watching: an answer of before is of no use. */
  #turn = 0;

  constructor(sources: readonly Source[], options: ResolvedOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#shown = sources.map(() => null);
  }

  /** What was last seen; the version changes with it. */
  get shown(): { readonly version: number; readonly all: (ShownStore | null)[] } {
    return { version: this.#version, all: [...this.#shown] };
  }

  /** @returns what stops the asking */
  start(): () => void {
    if (this.#sources.every(({ store }) => store === undefined)) return () => undefined;
    this.#ask();
    return () => {
      this.#turn += 1;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  askSoon(): void {
    if (this.#timer !== undefined) this.#askIn(askAfterChange);
  }

  #askIn(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), delay).unref();
  }

  #ask(): void {
    this.#turn += 1;
    void this.#askAll(this.#turn);
  }

  async #askAll(turn: number): Promise<void> {
    // So that there is something that a change can bring forward.
    this.#askIn(askEvery * 5);
    const all = await Promise.all(
      this.#sources.map(async ({ store }) =>
        store === undefined ? null : shownStore(store, this.#options),
      ),
    );
    if (turn !== this.#turn) return;
    if (JSON.stringify(all) !== JSON.stringify(this.#shown)) {
      this.#shown = all;
      this.#version += 1;
    }
    this.#askIn(askEvery);
  }
}
