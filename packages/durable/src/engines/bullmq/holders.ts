import { answersOf } from './answers.ts';
import type { NamedQueue } from './queues.ts';
import type { Redis } from './redis.ts';

/**
 * The queues that hold something, by keys that are there then. All that held nothing the last time are asked by one command,
 * so that it does not matter how many names are idle.
 */
export class Holders {
  readonly #redis: Redis;
  readonly #queues: ReadonlyMap<string, NamedQueue>;
  readonly #parts: readonly string[];
  readonly #known = new Set<NamedQueue>();

  /**
   * @param parts - the ends of the keys
   */
  constructor(redis: Redis, queues: ReadonlyMap<string, NamedQueue>, parts: readonly string[]) {
    this.#redis = redis;
    this.#queues = queues;
    this.#parts = parts;
  }

  /** Those that hold something now, or did the last time. */
  async find(): Promise<NamedQueue[]> {
    const others = [...this.#queues.values()].filter((each) => !this.#known.has(each));
    const keys = others.map(({ queue }) => this.#parts.map((part) => queue.toKey(part)));
    if (keys.length > 0 && (await this.#redis.exists(...keys.flat())) > 0) {
      const pipeline = this.#redis.pipeline();
      for (const each of keys) pipeline.exists(...each);
      for (const [index, count] of (await answersOf(pipeline)).entries()) {
        const holder = others[index];
        if (holder !== undefined && count !== 0) this.#known.add(holder);
      }
    }
    return [...this.#known];
  }

  /** It was found to hold nothing any more. */
  forget(queue: NamedQueue): void {
    this.#known.delete(queue);
  }
}
