import type { Redis } from './redis.ts';
import type { BullmqJob, BullmqQueue } from './types.ts';

const fields = ['data', 'opts'] as const;

/**
 * The job that was just claimed with this token, and whose fields are no JSON: BullMQ has taken it, and then could not
 * make an object of it. What it holds is kept, as text in JSON, so that BullMQ can fail it.
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
      if (text === null || isJson(text)) continue;
      await redis.hset(key, field, field === 'data' ? JSON.stringify({ unreadable: text }) : '{}');
    }
    return queue.getJob(id);
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
