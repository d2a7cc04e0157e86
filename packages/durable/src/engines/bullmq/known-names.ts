import { unknownName } from '../lost-jobs.ts';
import type { Redis } from './redis.ts';

/** Time in ms that a job has to wait before it counts as forgotten. */
const forgottenAfter = 60_000;
/** So many of the jobs that come next are looked at. */
const mostLookedAt = 100;

/**
 * How many jobs of a queue wait, and whether one of them has done so for too long. Those count whose time has come, and those
 * that were running when their process died. ARGV: the beginning of all keys, now, the time in ms, how many are looked at.
 */
const countForgotten = `
local base, now, longest, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local before, isForgotten = now - longest, false
local function look(ids, field)
  for _, id in ipairs(ids) do
    local time = tonumber(redis.call('HGET', base .. id, field))
    if time and time < before then isForgotten = true end
  end
end
look(redis.call('ZRANGE', base .. 'prioritized', 0, most - 1), 'timestamp')
look(redis.call('LRANGE', base .. 'wait', -most, -1), 'timestamp')
local count = redis.call('ZCARD', base .. 'prioritized') + redis.call('LLEN', base .. 'wait')
count = count + redis.call('ZCOUNT', base .. 'delayed', '-inf', now * 0x1000)
if redis.call('ZCOUNT', base .. 'delayed', '-inf', before * 0x1000) > 0 then isForgotten = true end
local died = {}
for _, id in ipairs(redis.call('LRANGE', base .. 'active', 0, most - 1)) do
  if redis.call('EXISTS', base .. id .. ':lock') == 0 then table.insert(died, id) end
end
look(died, 'processedOn')
return {count + #died, isForgotten}
`;

/** The key of the set of all names. */
export function namesKey(prefix: string): string {
  return `${prefix}:names`;
}

/**
 * Remembers the names of this process in the store, and finds those of earlier ones that it does not know and whose jobs
 * wait: of a job that was renamed or dropped.
 */
export async function findUnknownNames(
  redis: Redis,
  prefix: string,
  names: readonly string[],
  description: string,
): Promise<Error[]> {
  const key = namesKey(prefix);
  const unknown = (await redis.smembers(key)).filter((name) => !names.includes(name));
  if (names.length > 0) await redis.sadd(key, ...names);
  const found: Error[] = [];
  for (const name of unknown) {
    const base = `${prefix}:${name}:`;
    const now = Date.now();
    const answer = await redis.eval(
      countForgotten,
      1,
      base,
      base,
      now,
      forgottenAfter,
      mostLookedAt,
    );
    const [count, isForgotten] = answer as [number, number | null];
    if (isForgotten === 1) found.push(unknownName(description, name, count));
  }
  return found;
}
