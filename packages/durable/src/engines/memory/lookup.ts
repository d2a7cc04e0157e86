import type { JobLookup } from '../../backend-operations.ts';
import { isEnd } from '../../stored-job.ts';
import type { MemoryJobs } from './jobs.ts';
import { stateOf, toStored } from './memory-job.ts';

export function memoryLookup(jobs: MemoryJobs): JobLookup {
  return {
    async get(id) {
      const job = jobs.get(id);
      return job && toStored(job);
    },
    async list({ name, state, limit, after }) {
      const matching = jobs
        .all()
        .filter((job) => name === undefined || job.spec.name === name)
        .filter((job) => state === undefined || stateOf(job) === state)
        // Their ids are in the order of their creation.
        .filter(({ id }) => after === undefined || id < after)
        .toSorted((a, b) => (a.id < b.id ? 1 : -1));
      const page = matching.slice(0, limit);
      const next = matching.length > limit ? page.at(-1)?.id : undefined;
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
