import type { Due } from '../ready-queues.ts';
import { answersOf } from './answers.ts';
import { Holders } from './holders.ts';
import type { NamedQueue } from './queues.ts';
import type { Redis } from './redis.ts';

/** The parts of a queue that hold jobs to come. */
const parts = ['prioritized', 'wait', 'delayed'] as const;

/** Looks for the queues that hold jobs to come. */
export function jobsToCome(
  redis: Redis,
  queues: ReadonlyMap<string, NamedQueue>,
): () => Promise<Due[]> {
  const holders = new Holders(redis, queues, parts);
  return async () => {
    const found = await holders.find();
    if (found.length === 0) return [];
    const pipeline = redis.pipeline();
    for (const { queue } of found) {
      pipeline.exists(queue.toKey('prioritized'), queue.toKey('wait'));
      pipeline.zrange(queue.toKey('delayed'), '0', '0', 'WITHSCORES');
    }
    const answers = await answersOf(pipeline);
    return found.flatMap((holder, index) => {
      const { name } = holder.spec;
      const [ready, delayed] = [answers[2 * index], answers[2 * index + 1]];
      if (ready !== 0) return [{ name, delay: 0 }];
      const [, score] = delayed as string[];
      // The time in ms is in the upper bits (https://github.com/taskforcesh/bullmq/blob/master/src/commands/includes/getDelayedScore.lua).
      if (score !== undefined) return [{ name, delay: Number(score) / 0x1000 - Date.now() }];
      holders.forget(holder);
      return [];
    });
  };
}
