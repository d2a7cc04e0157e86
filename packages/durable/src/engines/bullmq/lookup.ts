import type { Depth } from '../../depth.ts';
import type { JobLookup, JobQuery } from '../../backend-operations.ts';
import type { StoredJob, StoredJobPage, StoredJobState } from '../../stored-job.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { answersOf } from './answers.ts';
import { depthsOf } from './depths.ts';
import type { BullmqJobs, Place } from './jobs.ts';
import { isOwnId, timeOfOwnId } from './own-id.ts';
import { cancelledSet } from './scripts.ts';

/** Where the jobs of each state are. */
const places: Readonly<Record<StoredJobState, readonly string[]>> = {
  waiting: ['wait', 'paused', 'prioritized', 'delayed'],
  delayed: ['delayed'],
  running: ['active'],
  retrying: ['wait', 'paused', 'prioritized', 'delayed'],
  completed: ['completed'],
  failed: ['failed'],
  cancelled: [cancelledSet],
};

const lists = new Set(['wait', 'paused', 'active']);

interface Candidate extends Place {
  /** Epoch ms. */
  readonly createdAt: number;
}

/** Looks jobs up in Redis. */
export class BullmqLookup implements JobLookup {
  readonly #jobs: BullmqJobs;

  constructor(jobs: BullmqJobs) {
    this.#jobs = jobs;
  }

  async get(id: string): Promise<StoredJob | undefined> {
    const place = await this.#jobs.find(id);
    if (place === undefined) return undefined;
    const [job] = await this.#jobs.read([place]);
    return job;
  }

  /** BullMQ keeps no order of creation: the ids of all jobs in question are read, and of those on the page the jobs. */
  async list({ name, state, limit, after }: JobQuery): Promise<StoredJobPage> {
    const start = after === undefined ? undefined : decodeCursor(after);
    const names = name === undefined ? await this.#jobs.names() : [name];
    const candidates = await this.#candidates(names, state);
    candidates.sort(newestFirst);
    const from = start === undefined ? 0 : candidates.findIndex((each) => isAfter(each, start));
    const rest = from === -1 ? [] : candidates.slice(from);
    const jobs: StoredJob[] = [];
    // One more than the page, to know whether there is another.
    for (let index = 0; index < rest.length && jobs.length <= limit; index += limit + 1) {
      const read = await this.#jobs.read(rest.slice(index, index + limit + 1));
      jobs.push(...read.filter((job) => state === undefined || job.state === state));
    }
    const page = jobs.slice(0, limit);
    const last = candidates.find(({ id }) => id === page.at(-1)?.id);
    if (jobs.length <= limit || last === undefined) return { jobs: page };
    return { jobs: page, next: encodeCursor(String(last.createdAt), last.id) };
  }

  async depth(): Promise<Record<string, Depth>> {
    return depthsOf(this.#jobs, (await this.#jobs.names()).toSorted());
  }

  async ended(ids: readonly string[]): Promise<string[]> {
    const live = await this.#jobs.live(ids);
    return ids.filter((id) => !live.has(id));
  }

  async #candidates(
    names: readonly string[],
    state: StoredJobState | undefined,
  ): Promise<Candidate[]> {
    await this.#jobs.mend(names);
    const wanted = new Set(state === undefined ? Object.values(places).flat() : places[state]);
    // All at once: a job that moves meanwhile is seen before or after it.
    const transaction = this.#jobs.redis.multi();
    const asked: string[] = [];
    for (const name of names) {
      for (const place of wanted) {
        const key = this.#jobs.base(name) + place;
        if (lists.has(place)) transaction.lrange(key, 0, -1);
        else transaction.zrange(key, '0', '-1');
        asked.push(name);
      }
    }
    if (asked.length === 0) return [];
    const answers = await answersOf(transaction);
    const found = answers.flatMap((ids, index) => {
      const name = asked[index] ?? '';
      return (ids as string[]).map((id) => ({ name, id }));
    });
    return this.#dated(found);
  }

  /** The ids of others, such as BullMQ's own numbers, say nothing of the time. */
  async #dated(found: readonly Place[]): Promise<Candidate[]> {
    const pipeline = this.#jobs.redis.pipeline();
    const foreign = found.filter(({ id }) => !isOwnId(id));
    for (const { name, id } of foreign) pipeline.hget(this.#jobs.base(name) + id, 'timestamp');
    const times = foreign.length === 0 ? [] : await answersOf(pipeline);
    const timeOf = new Map(foreign.map((place, index) => [place, Number(times[index]) || 0]));
    return found.map((place) => {
      return { ...place, createdAt: timeOf.get(place) ?? timeOfOwnId(place.id) };
    });
  }
}

function newestFirst(a: Candidate, b: Candidate): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  return a.id < b.id ? 1 : -1;
}

function isAfter({ createdAt, id }: Candidate, [time, startId]: [string, string]): boolean {
  return createdAt < Number(time) || (createdAt === Number(time) && id < startId);
}
