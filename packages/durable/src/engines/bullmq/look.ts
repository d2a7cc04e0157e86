import type { Due } from '../ready-queues.ts';
import { answersOf } from './answers.ts';
import type { NamedQueue } from './queues.ts';
import type { Redis } from './redis.ts';

/** What the last look into a queue has found. */
interface Found {
  /** The id of its last event. */
  readonly event: string;
  /** Whether it held a job to fetch. */
  readonly isReady: boolean;
  /** When its first delayed job is due, in epoch ms. */
  readonly dueAt: number;
}

/** Before all events. */
const noEvent = '0-0';

/**
 * Looks for the queues that hold jobs to come. One command asks all of them whether anything has happened, by the stream of
 * events that every script of BullMQ writes to; only into those where something has, or where a job is ready or due, does it look. So it does
 * not matter how many names are idle, or hold jobs for later.
 */
export class Look {
  readonly #redis: Redis;
  readonly #queues: readonly NamedQueue[];
  readonly #found = new Map<NamedQueue, Found>();
  #turn = 0;

  constructor(redis: Redis, queues: ReadonlyMap<string, NamedQueue>) {
    this.#redis = redis;
    this.#queues = [...queues.values()];
  }

  async look(): Promise<Due[]> {
    const asked = await this.#worthAsking();
    const pipeline = this.#redis.pipeline();
    for (const { queue } of asked) {
      // First: what happens after it is seen by the next look.
      pipeline.xrevrange(queue.toKey('events'), '+', '-', 'COUNT', 1);
      pipeline.exists(queue.toKey('prioritized'), queue.toKey('wait'));
      pipeline.zrange(queue.toKey('delayed'), '0', '0', 'WITHSCORES');
    }
    const answers = asked.length === 0 ? [] : await answersOf(pipeline);
    return asked.flatMap((named, index) => {
      const [events, ready, delayed] = answers.slice(3 * index);
      const [last] = events as [id: string][];
      const [, score] = delayed as string[];
      // The time in ms is in the upper bits (https://github.com/taskforcesh/bullmq/blob/master/src/commands/includes/getDelayedScore.lua).
      const dueAt = score === undefined ? Infinity : Number(score) / 0x1000;
      this.#found.set(named, { event: last?.[0] ?? noEvent, isReady: ready !== 0, dueAt });
      const delay = ready === 0 ? dueAt - Date.now() : 0;
      return delay === Infinity ? [] : [{ name: named.spec.name, delay }];
    });
  }

  async #worthAsking(): Promise<NamedQueue[]> {
    if (this.#queues.length === 0) return [];
    const changed = await this.#changed();
    // And each in its turn, in case somebody has deleted a stream.
    this.#turn = (this.#turn + 1) % this.#queues.length;
    const now = Date.now();
    return this.#queues.filter((queue, index) => {
      const found = this.#found.get(queue);
      if (found === undefined || found.isReady || found.dueAt <= now) return true;
      return index === this.#turn || changed.has(queue.queue.toKey('events'));
    });
  }

  /** The streams with events that came after the last look. */
  async #changed(): Promise<ReadonlySet<string>> {
    const known = [...this.#found];
    if (known.length === 0) return new Set();
    const streams = known.map(([{ queue }]) => queue.toKey('events'));
    const ids = known.map(([, { event }]) => event);
    const answer = await this.#redis.xread('COUNT', 1, 'STREAMS', ...streams, ...ids);
    return new Set((answer ?? []).map(([stream]) => stream));
  }
}
