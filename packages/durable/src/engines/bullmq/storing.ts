import type { JobSpec, NewJob } from '../../backend.ts';
import { newJobId } from '../../new-job-id.ts';
import { createQueue, type NamedQueue } from './queues.ts';
import { removal } from './removal.ts';
import { replaceWaiting } from './replace.ts';
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

/** So often a job is looked for that others replace and store at the same time. */
const mostTries = 10;

/** What jobs are stored with. */
export interface StoringOptions {
  readonly bullmq: BullmqModule;
  readonly prefix: string;
  readonly redis: Redis;
  readonly queues: ReadonlyMap<string, NamedQueue>;
  /** @param longest - time in ms that one answer may take besides the usual */
  readonly connect: (longest: number) => Promise<Redis>;
  readonly disconnect: (connection: Redis) => void;
  /** For when there may be a job to claim. */
  readonly wake: (name: string) => Promise<void>;
}

/** Stores jobs in the queues of BullMQ. */
export class Storing {
  readonly #options: StoringOptions;

  constructor(options: StoringOptions) {
    this.#options = options;
  }

  /** @returns its id; `null` if another job has the key */
  async store(job: NewJob): Promise<string | null> {
    const { queue, spec } = this.#queueOf(job);
    if (job.replace === true) return this.#replace(queue, spec, job);
    const id = newJobId();
    const options = { ...optionsOf(job, spec), jobId: id };
    const added = await queue.add(job.name, job.payload, options);
    // Another id is that of the job that has the key.
    return added.id === id ? id : null;
  }

  /**
   * Stores many jobs in one transaction of Redis. BullMQ's own `addBulk()` is none, so that a broken connection could leave
   * a part of them; its flows are, and a job alone is the smallest of them.
   */
  async storeMany(jobs: readonly NewJob[]): Promise<(string | null)[]> {
    const { bullmq, prefix, connect, disconnect } = this.#options;
    const [first] = jobs;
    if (first === undefined) return [];
    const named = this.#queueOf(first);
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
      const options = optionsOf(job, spec);
      const jobData = new bullmq.Job(queue, job.name, job.payload, options, jobId).asJSON();
      return { prefix, queueName: job.name, jobData, jobId, parentKeyOpts: {} };
    });
    const results = (await queue.backend.addFlow(entries)) ?? [];
    return results.map(([error, id], index) => {
      if (error !== null) throw error;
      return id === entries[index]?.jobId ? id : null;
    });
  }

  async #replace(queue: BullmqQueue, spec: JobSpec, job: NewJob): Promise<string | null> {
    const { redis, wake } = this.#options;
    const { name, payload, key = '', delay = 0 } = job;
    const { priority } = optionsOf(job, spec);
    for (let count = 0; count < mostTries; count += 1) {
      const text = JSON.stringify(payload);
      const id = await replaceWaiting(redis, queue, { key, text, delay, priority });
      if (id !== undefined) {
        await wake(name);
        return id;
      }
      const stored = await this.store({ ...job, replace: false });
      if (stored !== null) return stored;
    }
    throw new Error(`The key ${key} was taken again and again`);
  }

  #queueOf({ name }: NewJob): NamedQueue {
    const named = this.#options.queues.get(name);
    if (named === undefined) throw new TypeError(`No job named ${name} was opened`);
    return named;
  }
}

/** How BullMQ is to store a job. What it does anyway is left out: it stores the options with each job. */
function optionsOf(
  { key, window, headers, delay = 0, priority = 0 }: NewJob,
  { retries, backoff, keep }: JobSpec,
): JobsOptions & { readonly priority: number } {
  const { removeOnComplete, removeOnFail } = removal(keep);
  return {
    attempts: retries + 1,
    ...(backoff > 0 && { backoff: { type: 'exponential', delay: backoff } }),
    ...(delay > 0 && { delay }),
    priority: lastPriority - (priority + 1_000),
    ...(key !== undefined && {
      deduplication: { id: key, ...(window !== undefined && { ttl: window }) },
    }),
    // What BullMQ's own telemetry would store there: it has none unless it is given one.
    ...(headers !== undefined && { telemetry: { metadata: JSON.stringify(headers) } }),
    ...(removeOnComplete !== false && { removeOnComplete }),
    ...(removeOnFail !== false && { removeOnFail }),
    ...(retries >= keptStackTraces && { stackTraceLimit: keptStackTraces }),
  };
}
