import { newJobId } from '../../new-job-id.ts';
import type { NewJob } from '../../backend.ts';
import type { JobSchedules, ScheduleRef } from '../../backend-schedules.ts';
import { optionsOf } from './bulk.ts';
import type { NamedQueue } from './queues.ts';
import type { Redis } from './redis.ts';

/** Time in ms that the processes may be apart in storing the job of one time. */
const farthest = 60 * 60 * 1_000;

/** Advances the time of a schedule that is still known. */
const advance = `
local due = redis.call('HGET', KEYS[1], ARGV[1])
if due and tonumber(due) < tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end`;

/**
 * Schedules in a hash of our own beside the queues of BullMQ. A job is stored under a key for its time, which outlives it:
 * of all processes one stores it. Whoever did not advances the time all the same, so that it counts also where the process
 * that stored the job has died right after that.
 */
export class RedisSchedules implements JobSchedules {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #queues: ReadonlyMap<string, NamedQueue>;

  constructor(redis: Redis, prefix: string, queues: ReadonlyMap<string, NamedQueue>) {
    this.#redis = redis;
    this.#key = `${prefix}:schedules`;
    this.#queues = queues;
  }

  async replace(
    names: readonly string[],
    schedules: readonly ScheduleRef[],
    since: number,
  ): Promise<number[]> {
    const fields = schedules.map(fieldOf);
    const known = await this.#redis.hkeys(this.#key);
    const gone = known.filter((field) => {
      return names.includes(field.split(':')[0] ?? '') && !fields.includes(field);
    });
    if (gone.length > 0) await this.#redis.hdel(this.#key, ...gone);
    if (fields.length === 0) return [];
    for (const field of fields) await this.#redis.hsetnx(this.#key, field, String(since));
    const due = await this.#redis.hmget(this.#key, ...fields);
    return due.map((time) => Number(time ?? since));
  }

  async enqueue(job: NewJob, id: string, due: number): Promise<string | null> {
    const field = fieldOf({ name: job.name, id });
    const last = await this.#redis.hget(this.#key, field);
    if (last === null || Number(last) >= due) return null;
    const stored = await this.#store(job, `schedule:${id}:${due}`);
    await this.#redis.eval(advance, 1, this.#key, field, String(due));
    return stored;
  }

  async #store(job: NewJob, key: string): Promise<string | null> {
    const named = this.#queues.get(job.name);
    if (named === undefined) throw new TypeError(`No job named ${job.name} was opened`);
    const jobId = newJobId();
    const added = await named.queue.add(job.name, job.payload, {
      ...optionsOf(job, named.spec, jobId),
      deduplication: { id: key, ttl: farthest },
    });
    return added.id === jobId ? jobId : null;
  }
}

/** No name has a colon in it. */
function fieldOf({ name, id }: ScheduleRef): string {
  return `${name}:${id}`;
}
