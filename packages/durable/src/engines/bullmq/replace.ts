import type { Redis } from './redis.ts';
import type { BullmqQueue } from './types.ts';

/** What a job that waits is to become. */
interface Replacement {
  readonly key: string;
  /** The payload, as JSON. */
  readonly text: string;
  /** In ms. */
  readonly delay: number;
  /** BullMQ's number. */
  readonly priority: number;
}

// BullMQ replaces jobs that are delayed alone, and by others with another id. The scores are those of its own scripts
// (https://github.com/taskforcesh/bullmq/tree/master/src/commands/includes: getPriorityScore, getDelayedScore).
const script = `
local id = redis.call('GET', KEYS[1])
if not id then return false end
local data, now, delay, priority = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if redis.call('ZREM', KEYS[2], id) + redis.call('ZREM', KEYS[3], id) > 0 then
  redis.call('HSET', ARGV[1] .. id, 'data', data, 'delay', delay, 'priority', priority)
  if delay > 0 then
    redis.call('ZADD', KEYS[3], (now + delay) * 0x1000, id)
    redis.call('ZADD', KEYS[5], 'LT', now + delay, '1')
  else
    redis.call('ZADD', KEYS[2], priority * 0x100000000 + redis.call('INCR', KEYS[4]) % 0x100000000, id)
  end
  redis.call('XADD', KEYS[6], 'MAXLEN', '~', 10000, '*', 'event', delay > 0 and 'delayed' or 'waiting', 'jobId', id)
  return id
end
redis.call('DEL', KEYS[1])
redis.call('HDEL', ARGV[1] .. id, 'deid')
return false`;

/**
 * Makes the job that waits under this key to another, with the id that it has. One that runs has no key any more then.
 *
 * @returns its id; `undefined` if none waits
 */
export async function replaceWaiting(
  redis: Redis,
  queue: BullmqQueue,
  { key, text, delay, priority }: Replacement,
): Promise<string | undefined> {
  const keys = [`de:${key}`, 'prioritized', 'delayed', 'pc', 'marker', 'events'];
  const id = await redis.eval(
    script,
    keys.length,
    ...keys.map((each) => queue.toKey(each)),
    queue.toKey(''),
    text,
    Date.now(),
    delay,
    priority,
  );
  return typeof id === 'string' ? id : undefined;
}
