import type { Redis } from './redis.ts';
import type { BullmqJob, BullmqQueue } from './types.ts';

/** The fields of which BullMQ makes values. */
const fields = ['data', 'opts', 'progress', 'parent'] as const;

/**
 * The job that was just claimed with this token, and whose fields are no JSON: BullMQ has taken it, and then could not
 * make an object of it. Its data is kept, as text in JSON; without the other fields BullMQ can fail it.
 */
export async function mendUnreadable(
  queue: BullmqQueue,
  redis: Redis,
  token: string,
): Promise<BullmqJob | undefined> {
  for (const id of await redis.lrange(queue.toKey('active'), 0, -1)) {
    const key = queue.toKey(id);
    if ((await redis.get(`${key}:lock`)) !== token) continue;
    for (const field of fields) {
      const text = await redis.hget(key, field);
      if (text === null || isReadable(field, text)) continue;
      if (field === 'data') await redis.hset(key, field, JSON.stringify({ unreadable: text }));
      else await redis.hdel(key, field);
    }
    return queue.getJob(id);
  }
  return undefined;
}

function isReadable(field: string, text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return field !== 'opts' || (typeof value === 'object' && value !== null);
  } catch {
    return false;
  }
}
