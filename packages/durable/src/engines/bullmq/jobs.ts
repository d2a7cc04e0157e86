import type { StoredJob } from '../../stored-job.ts';
import { answersOf } from './answers.ts';
import { namesKey } from './known-names.ts';
import type { Redis } from './redis.ts';
import { cancellingSet, mendCancelled, readJob } from './scripts.ts';
import { type Found, toStored } from './stored.ts';

/** A job in one of the queues. */
export interface Place {
  readonly name: string;
  readonly id: string;
}

/** The jobs in Redis, also those of names that this process does not define. */
export class BullmqJobs {
  readonly redis: Redis;
  readonly #prefix: string;
  /** The names of this process. */
  readonly #names: readonly string[];

  constructor(redis: Redis, prefix: string, names: readonly string[]) {
    this.redis = redis;
    this.#prefix = prefix;
    this.#names = names;
  }

  async names(): Promise<string[]> {
    const known = await this.redis.smembers(namesKey(this.#prefix));
    return [...new Set([...this.#names, ...known])];
  }

  /** Lets a name stand among the others that may have no jobs. */
  async remember(name: string): Promise<void> {
    await this.redis.sadd(namesKey(this.#prefix), name);
  }

  /** Lets the jobs of these names that were cancelled be cancelled, where a process died before it said so. */
  async mend(names: readonly string[]): Promise<void> {
    const bases = names.map((name) => this.base(name));
    const keys = bases.map((base) => base + cancellingSet);
    if (keys.length === 0 || (await this.redis.exists(...keys)) === 0) return;
    await this.redis.eval(mendCancelled, keys.length, ...keys, ...bases);
  }

  /** What all keys of a queue begin with. */
  base(name: string): string {
    return `${this.#prefix}:${name}:`;
  }

  /** The queue that holds a job with this id, if any does. */
  async find(id: string): Promise<Place | undefined> {
    const names = await this.names();
    const pipeline = this.redis.pipeline();
    for (const name of names) pipeline.hexists(this.base(name) + id, 'data');
    const answers = (await pipeline.exec()) ?? [];
    for (const [error] of answers) {
      // Of a key that is none of a job.
      if (error !== null && !error.message.startsWith('WRONGTYPE')) throw error;
    }
    const index = answers.findIndex(([, exists]) => exists === 1);
    const name = names[index];
    return name === undefined ? undefined : { name, id };
  }

  /** Runs a script on one job. */
  async run(script: string, { name, id }: Place, ...values: (string | number)[]): Promise<unknown> {
    const base = this.base(name);
    return this.redis.eval(script, 1, base + id, base, id, ...values);
  }

  /** The jobs that are still there. */
  async read(places: readonly Place[]): Promise<StoredJob[]> {
    if (places.length === 0) return [];
    const pipeline = this.redis.pipeline();
    for (const { name, id } of places) {
      const base = this.base(name);
      pipeline.eval(readJob, 1, base + id, base, id);
    }
    const answers = await answersOf(pipeline);
    return answers.flatMap((found, index) => {
      const place = places[index];
      return found === null || place === undefined ? [] : [toStored(place, found as Found)];
    });
  }
}
