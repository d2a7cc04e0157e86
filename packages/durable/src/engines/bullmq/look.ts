import type { Due } from '../ready-queues.ts';
import type { NamedQueue } from './queues.ts';
import type { Redis } from './redis.ts';

/** The parts of a queue that hold jobs to come. */
const parts = ['prioritized', 'wait', 'delayed'] as const;

/** The queues that hold jobs to come: one command, however many queues there are, while none does. */
export async function lookForJobs(
  redis: Redis,
  queues: ReadonlyMap<string, NamedQueue>,
): Promise<Due[]> {
  const all = [...queues.values()];
  if (all.length === 0) return [];
  const keys = all.flatMap(({ queue }) => parts.map((part) => queue.toKey(part)));
  if ((await redis.exists(...keys)) === 0) return [];
  const pipeline = redis.pipeline();
  for (const { queue } of all) {
    pipeline.exists(queue.toKey('prioritized'), queue.toKey('wait'));
    pipeline.zrange(queue.toKey('delayed'), '0', '0', 'WITHSCORES');
  }
  const answers = (await pipeline.exec()) ?? [];
  return all.flatMap(({ spec: { name } }, index) => {
    const [ready, delayed] = [answers[2 * index], answers[2 * index + 1]];
    const error = ready?.[0] ?? delayed?.[0] ?? undefined;
    if (error !== undefined) throw error;
    if (ready?.[1] !== 0) return [{ name, delay: 0 }];
    const [, score] = (delayed?.[1] ?? []) as string[];
    // The time in ms is in the upper bits (https://github.com/taskforcesh/bullmq/blob/master/src/commands/includes/getDelayedScore.lua).
    return score === undefined ? [] : [{ name, delay: Number(score) / 0x1000 - Date.now() }];
  });
}
