import { unknownName } from '../lost-jobs.ts';
import type { Redis } from './redis.ts';

/** Time in ms that a job has to wait before it counts as forgotten. */
const forgottenAfter = 60_000;

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
    const queue = `${prefix}:${name}`;
    const [first] = await redis.zrange(`${queue}:prioritized`, '0', '0');
    if (first === undefined) continue;
    const storedAt = Number(await redis.hget(`${queue}:${first}`, 'timestamp'));
    if (Date.now() - storedAt < forgottenAfter) continue;
    found.push(unknownName(description, name, await redis.zcard(`${queue}:prioritized`)));
  }
  return found;
}
