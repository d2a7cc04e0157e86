import { newJobId } from '../../new-job-id.ts';
import type { JobSpec, NewJob } from '../../backend.ts';
import { createQueue, type NamedQueue } from './queues.ts';
import { removal } from './removal.ts';
import type { Redis } from './redis.ts';
import type { BullmqModule, BullmqQueue, JobsOptions } from './types.ts';

/** The stacks of so many runs are kept with a failed job. */
const keptStackTraces = 10;

/** BullMQ's number for our smallest priority, -1,000. There 0 is none, before all others, and 1 the largest. */
const lastPriority = 2_001;

/** More jobs than this are stored on a connection of their own: all others would wait for the answer. */
const mostOnShared = 500;

/** Time in ms that Redis may take for one of many jobs: it stores them in one piece, and answers at the end. */
const timePerJob = 2;

/** How BullMQ is to store a job. */
export function optionsOf(
  { key, delay = 0, priority = 0 }: NewJob,
  spec: JobSpec,
  id: string,
): JobsOptions {
  return {
    jobId: id,
    attempts: spec.retries + 1,
    ...(spec.backoff > 0 && { backoff: { type: 'exponential', delay: spec.backoff } }),
    delay,
    priority: lastPriority - (priority + 1_000),
    ...(key !== undefined && { deduplication: { id: key } }),
    ...removal(spec.keep),
    stackTraceLimit: keptStackTraces,
  };
}

/** What many jobs are stored with. */
export interface BulkOptions {
  readonly bullmq: BullmqModule;
  readonly prefix: string;
  readonly queues: ReadonlyMap<string, NamedQueue>;
  /** @param longest - time in ms that one answer may take besides the usual */
  readonly connect: (longest: number) => Promise<Redis>;
  readonly disconnect: (connection: Redis) => void;
}

/**
 * Stores many jobs in one transaction of Redis. BullMQ's own `addBulk()` is none, so that a broken connection could leave
 * a part of them; its flows are, and a job alone is the smallest of them.
 */
export class Bulk {
  readonly #options: BulkOptions;

  constructor(options: BulkOptions) {
    this.#options = options;
  }

  async add(jobs: readonly NewJob[]): Promise<(string | null)[]> {
    const { bullmq, prefix, queues, connect, disconnect } = this.#options;
    const [{ name } = { name: '' }] = jobs;
    const named = queues.get(name);
    if (named === undefined) throw new TypeError(`No job named ${name} was opened`);
    if (jobs.length <= mostOnShared) return this.#addTo(named.queue, named.spec, jobs);
    const redis = await connect(jobs.length * timePerJob);
    const settings = { redis, prefix, work: false, onError: () => undefined };
    const { queue, spec } = createQueue(bullmq, named.spec, settings);
    try {
      await queue.waitUntilReady();
      return await this.#addTo(queue, spec, jobs);
    } finally {
      await queue.close();
      disconnect(redis);
    }
  }

  async #addTo(
    queue: BullmqQueue,
    spec: JobSpec,
    jobs: readonly NewJob[],
  ): Promise<(string | null)[]> {
    const { bullmq, prefix } = this.#options;
    const entries = jobs.map((job) => {
      const jobId = newJobId();
      const options = optionsOf(job, spec, jobId);
      const jobData = new bullmq.Job(queue, job.name, job.payload, options, jobId).asJSON();
      return { prefix, queueName: job.name, jobData, jobId, parentKeyOpts: {} };
    });
    const results = (await queue.backend.addFlow(entries)) ?? [];
    return results.map(([error, id], index) => {
      if (error !== null) throw error;
      // Another id is that of the job that has the key.
      return id === entries[index]?.jobId ? id : null;
    });
  }
}
