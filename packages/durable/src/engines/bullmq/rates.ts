import { randomUUID } from 'node:crypto';
import type { JobSpec, Lease } from '../../backend.ts';
import type { RateLimit } from '../../limit-options.ts';
import type { ReadyQueues } from '../ready-queues.ts';
import type { Redis } from './redis.ts';

/** Time in ms that a start may come after its claim. */
const slack = 25;
/** Longest time in ms for which the store is not asked: another process may give back starts that it has not used. */
const longestHold = 5_000;

// The starts of the last `per` ms, in a sorted set by the clock of the server. BullMQ has a limit of its own, with windows
// that begin anew all at once: twice as many jobs could start around the end of one.

/** Takes as many starts as there are left, up to ARGV[3]; else says how many ms the next one is away. */
const reserve = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local per, starts, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - per)
local granted = math.max(0, math.min(wanted, starts - redis.call('ZCARD', KEYS[1])))
for index = 1, granted do redis.call('ZADD', KEYS[1], now, ARGV[4] .. index) end
redis.call('PEXPIRE', KEYS[1], per)
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {granted, math.max(1, (tonumber(first[2]) or now) + per - now)}`;

/** ARGV[3] of ARGV[2] starts were used, just now. */
const confirm = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for index = 1, tonumber(ARGV[2]) do
  if index <= tonumber(ARGV[3]) then redis.call('ZADD', KEYS[1], 'XX', now, ARGV[1] .. index)
  else redis.call('ZREM', KEYS[1], ARGV[1] .. index) end
end`;

/** Holds back the jobs of names with a rate, in all processes together. */
export class Rates {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #ready: ReadyQueues;
  readonly #rates: ReadonlyMap<string, RateLimit>;
  /** Until when no start is left, in ms of the monotonic clock. */
  readonly #heldUntil = new Map<string, number>();

  constructor(redis: Redis, prefix: string, specs: readonly JobSpec[], ready: ReadyQueues) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#ready = ready;
    this.#rates = new Map(specs.flatMap(({ name, rate }) => (rate ? [[name, rate]] : [])));
  }

  /** Whether jobs of this name are held back. */
  has(name: string): boolean {
    return this.#rates.has(name);
  }

  /** @param take - takes at most so many jobs */
  async take(
    name: string,
    wanted: number,
    take: (name: string, wanted: number) => Promise<Lease[]>,
  ): Promise<Lease[]> {
    const rate = this.#rates.get(name);
    if (rate === undefined) return take(name, wanted);
    if ((this.#heldUntil.get(name) ?? 0) > performance.now()) return [];
    const key = `${this.#prefix}:${name}:outlive:starts`;
    const token = `${randomUUID()}:`;
    const answer = await this.#redis.eval(
      reserve,
      1,
      key,
      rate.per + slack,
      rate.starts,
      wanted,
      token,
    );
    const [granted = 0, wait = 0] = answer as number[];
    const hold = Math.min(wait, longestHold);
    // Before the notification, which must not come while it holds.
    if (granted === 0) this.#heldUntil.set(name, performance.now() + hold);
    if (granted < wanted) this.#ready.notifyAt(name, hold);
    if (granted === 0) return [];
    let used = 0;
    try {
      const leases = await take(name, granted);
      used = leases.length;
      return leases;
    } finally {
      await this.#redis.eval(confirm, 1, key, token, granted, used).catch(() => undefined);
    }
  }
}
