import type { NewJob } from '../../backend.ts';
import type { JobSchedules, ScheduleRef } from '../../backend-schedules.ts';
import type { Redis } from './redis.ts';
import type { Storing } from './storing.ts';

/** Time in ms that the processes may be apart in storing the job of one time. */
const farthest = 60 * 60 * 1_000;
/** Time in ms for which it is known that a job was stored, where that was not noted: ten years. */
const longest = 3_650 * 24 * 60 * 60 * 1_000;

/**
 * Forgets the schedules of some names that are not given, and remembers those that are new. All in one piece: of two
 * processes that open at the same time with different ones, only those of one are left. KEYS: the schedules. ARGV: the
 * time that a new one counts from, how many names there are, these, and the schedules. That somebody has decided on a name is
 * noted in a field of its own.
 */
const replaceAll = `
local names, given, due = {}, {}, {}
local count = tonumber(ARGV[2])
for index = 3, 2 + count do
  names[ARGV[index]] = true
  redis.call('HSET', KEYS[1], ':' .. ARGV[index], 1)
end
for index = 3 + count, #ARGV do given[ARGV[index]] = true end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if names[string.match(field, '^[^:]*')] and not given[field] then redis.call('HDEL', KEYS[1], field) end
end
for index = 3 + count, #ARGV do
  redis.call('HSETNX', KEYS[1], ARGV[index], ARGV[1])
  table.insert(due, redis.call('HGET', KEYS[1], ARGV[index]))
end
return due`;

/**
 * Remembers the schedules of a name again where nothing is known of it, as after a loss of the data: one that was replaced by a
 * later deploy stays forgotten. KEYS: the schedules. ARGV: the field of the name, the time that they count from, and they.
 */
const restore = `
if redis.call('HSETNX', KEYS[1], ARGV[1], 1) == 0 then return end
for index = 3, #ARGV do redis.call('HSETNX', KEYS[1], ARGV[index], ARGV[2]) end`;

/** Advances the time of a schedule that is still known. */
const advance = `
local due = redis.call('HGET', KEYS[1], ARGV[1])
if due and tonumber(due) < tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
if redis.call('PTTL', KEYS[2]) > tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end`;

/**
 * Schedules in a hash of our own beside the queues of BullMQ. A job is stored under a key for its time, which outlives it:
 * of all processes one stores it. Whoever did not advances the time all the same, so that it counts also where the process
 * that stored the job has died right after that, and nobody looked for a long time: until the time is noted, the key stays.
 */
export class RedisSchedules implements JobSchedules {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #key: string;
  readonly #storing: Storing;
  /** Those of this process. */
  #own: readonly ScheduleRef[] = [];

  constructor(redis: Redis, prefix: string, storing: Storing) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#key = `${prefix}:schedules`;
    this.#storing = storing;
  }

  async replace(
    names: readonly string[],
    schedules: readonly ScheduleRef[],
    since: number,
  ): Promise<number[]> {
    this.#own = schedules;
    const values = [since, names.length, ...names, ...schedules.map(fieldOf)];
    const due = await this.#redis.eval(replaceAll, 1, this.#key, ...values);
    return (due as string[]).map(Number);
  }

  async enqueue(job: NewJob, id: string, due: number): Promise<string | null> {
    const field = fieldOf({ name: job.name, id });
    const last = await this.#lastDue(job.name, field, due);
    if (last >= due) return null;
    const key = `schedule:${id}:${due}`;
    const stored = await this.#storing.store({ ...job, key, window: longest });
    const place = `${this.#prefix}:${job.name}:de:${key}`;
    await this.#redis.eval(advance, 2, this.#key, place, field, String(due), farthest);
    return stored;
  }

  /** Infinity where the schedule is over. */
  async #lastDue(name: string, field: string, due: number): Promise<number> {
    const last = await this.#redis.hget(this.#key, field);
    if (last !== null) return Number(last);
    const fields = this.#own.filter((each) => each.name === name).map(fieldOf);
    await this.#redis.eval(restore, 1, this.#key, `:${name}`, due - 1, ...fields);
    return Number((await this.#redis.hget(this.#key, field)) ?? Infinity);
  }
}

/** No name has a colon in it. */
function fieldOf({ name, id }: ScheduleRef): string {
  return `${name}:${id}`;
}
