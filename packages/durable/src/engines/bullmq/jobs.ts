import type { StoredJob } from '../../stored-job.ts';
import { answersOf } from './answers.ts';
import { namesKey } from './known-names.ts';
import { isOwnId } from './own-id.ts';
import type { Redis } from './redis.ts';
import { cancellingSet, findQueue, liveJobs, mendCancelled, readJob } from './scripts.ts';
import { type Found, toStored } from './stored.ts';

/** A job in one of the queues. */
export interface Place {
  readonly name: string;
  readonly id: string;
}

/** Of so many jobs it is remembered which queue they are in: those that somebody waits for are looked at again and again. */
const mostPlaces = 10_000;

/** The jobs in Redis, also those of names that this process does not define. */
export class BullmqJobs {
  readonly redis: Redis;
  readonly #prefix: string;
  /** The names of this process. */
  readonly #names: readonly string[];
  /** By the ids of jobs. None of ours ever goes to another queue. */
  readonly #places = new Map<string, Place>();

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

  /** The queue that holds a job with this id, or once did. */
  async find(id: string): Promise<Place | undefined> {
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    const names = await this.names();
    const bases = names.map((name) => this.base(name));
    const [first] = bases;
    if (first === undefined) return undefined;
    const index = await this.redis.eval(findQueue, 1, first + id, id, ...bases);
    const name = typeof index === 'number' ? names[index] : undefined;
    if (name === undefined) return undefined;
    const place = { name, id };
    if (isOwnId(id)) this.#note(place);
    return place;
  }

  /** Those of these jobs that have not ended. */
  async live(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const places = await Promise.all(ids.map(async (id) => this.find(id)));
    const names = new Set(places.map((place) => place?.name));
    const found = await Promise.all(
      [...names].map(async (name) => {
        if (name === undefined) return [];
        const base = this.base(name);
        const own = ids.filter((_, index) => places[index]?.name === name);
        return (await this.redis.eval(liveJobs, 1, base, base, ...own)) as string[];
      }),
    );
    return new Set(found.flat());
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

  #note(place: Place): void {
    const [oldest = ''] = this.#places.keys();
    if (this.#places.size >= mostPlaces) this.#places.delete(oldest);
    this.#places.set(place.id, place);
  }
}
