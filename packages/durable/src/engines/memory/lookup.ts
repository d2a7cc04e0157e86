import type { JobLookup } from '../../backend-operations.ts';
import { isEnd } from '../../stored-job.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { MemoryJobs } from './jobs.ts';
import { stateOf, toStored } from './memory-job.ts';

export function memoryLookup(jobs: MemoryJobs): JobLookup {
  return {
    async get(id) {
      const job = jobs.get(id);
      return job && toStored(job);
    },
    async list({ name, state, limit, after }) {
      // Their ids are in the order of their creation.
      const [, start] = after === undefined ? [] : decodeCursor(after, /^\d{1,16}$/);
      const matching = jobs
        .all()
        .filter((job) => name === undefined || job.spec.name === name)
        .filter((job) => state === undefined || stateOf(job) === state)
        .filter(({ id }) => start === undefined || id < start)
        .toSorted((a, b) => (a.id < b.id ? 1 : -1));
      const page = matching.slice(0, limit);
      const last = matching.length > limit ? page.at(-1) : undefined;
      const next = last && encodeCursor(String(last.createdAt), last.id);
      return { jobs: page.map(toStored), ...(next !== undefined && { next }) };
    },
    async ended(ids) {
      return ids.filter((id) => {
        const job = jobs.get(id);
        return job === undefined || isEnd(stateOf(job));
      });
    },
  };
}
