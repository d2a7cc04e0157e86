import { handled } from '@outlive/core/internal';
import { type JsonKind, toJson } from '../payload/to-json.ts';

const progressKind: JsonKind = { what: 'progress', maxBytes: 65_536 };

/** What one run reports of its progress: one write at a time, of the latest value. */
export class ProgressReports {
  readonly #name: string;
  readonly #write: (value: unknown) => Promise<void>;
  #latest: unknown;
  /** The write under way. */
  #writing: Promise<void> = Promise.resolve();
  /** The write that comes after that one, for all values reported meanwhile. */
  #coming: Promise<void> | undefined;

  /**
   * @param name - of the job, for messages
   */
  constructor(name: string, write: (value: unknown) => Promise<void>) {
    this.#name = name;
    this.#write = write;
  }

  /** Resolves when this value, or a later one, is written. */
  report(value: unknown): Promise<void> {
    return handled(this.#report(value));
  }

  /** Resolves when nothing is being written any more. */
  async end(): Promise<void> {
    const last = this.#coming ?? this.#writing;
    await last.catch(() => undefined);
  }

  async #report(value: unknown): Promise<void> {
    this.#latest = toJson(this.#name, value, progressKind);
    this.#coming ??= this.#writeNext();
    return this.#coming;
  }

  async #writeNext(): Promise<void> {
    await this.#writing.catch(() => undefined);
    this.#coming = undefined;
    this.#writing = this.#write(this.#latest);
    return this.#writing;
  }
}
