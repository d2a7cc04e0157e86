import type { JobDefinition } from '../job-definition.ts';

/** How many more jobs of each definition this process may run. */
export class Room {
  readonly #definitions: ReadonlyMap<string, JobDefinition>;
  readonly #running = new Map<JobDefinition, number>();

  constructor(definitions: ReadonlyMap<string, JobDefinition>) {
    this.#definitions = definitions;
  }

  /** The names of which at least one more may run. */
  get names(): string[] {
    const open = [...this.#definitions].filter(([, definition]) => this.#of(definition) > 0);
    return open.map(([name]) => name);
  }

  /** How many more, of the names that have a limit. */
  get limits(): ReadonlyMap<string, number> {
    const rooms = [...this.#definitions].map(([name, each]) => [name, this.#of(each)] as const);
    return new Map(rooms.filter(([, room]) => room < Infinity));
  }

  /** Whether all definitions have as many as they may. */
  get isFull(): boolean {
    return this.#definitions.size > 0 && this.names.length === 0;
  }

  /** `false` if there is none. */
  take(definition: JobDefinition): boolean {
    if (this.#of(definition) < 1) return false;
    this.#running.set(definition, (this.#running.get(definition) ?? 0) + 1);
    return true;
  }

  /** @returns whether there was none before */
  give(definition: JobDefinition): boolean {
    const wasFull = this.#of(definition) < 1;
    this.#running.set(definition, (this.#running.get(definition) ?? 1) - 1);
    return wasFull;
  }

  #of(definition: JobDefinition): number {
    return definition.options.limit - (this.#running.get(definition) ?? 0);
  }
}
