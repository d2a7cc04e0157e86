import type { JobLookup } from '../../backend-operations.ts';
import type { Depth } from '../../depth.ts';
import { isEnd } from '../../stored-job.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { MemoryJobs } from './jobs.ts';
import { type MemoryJob, stateOf, toStored } from './memory-job.ts';

export function memoryLookup(jobs: MemoryJobs): JobLookup {
  return {
    async get(id) {
      const job = jobs.get(id);
      return job && toStored(job, jobs.now);
    },
    async list({ name, state, limit, after }) {
      // Their ids are in the order of their creation.
      const [, start] = after === undefined ? [] : decodeCursor(after);
      const { now } = jobs;
      const matching = jobs
        .all()
        .filter((job) => name === undefined || job.spec.name === name)
        .filter((job) => state === undefined || stateOf(job, now) === state)
        .filter(({ id }) => start === undefined || id < start)
        .toSorted((a, b) => (a.id < b.id ? 1 : -1));
      const page = matching.slice(0, limit);
      const last = matching.length > limit ? page.at(-1) : undefined;
      const next = last && encodeCursor(String(last.createdAt), last.id);
      return { jobs: page.map((job) => toStored(job, now)), ...(next !== undefined && { next }) };
    },
    async depth() {
      const all = jobs.all();
      const names = new Set([...all.map(({ spec }) => spec.name), ...jobs.paused]);
      const depths = Array.from(names, (name): [string, Depth] => {
        const count = (phase: MemoryJob['phase']): number =>
          all.filter((job) => job.spec.name === name && job.phase === phase).length;
        const depth = { ready: count('ready'), active: count('active'), failed: count('failed') };
        return [name, jobs.paused.has(name) ? { ...depth, paused: true } : depth];
      });
      return Object.fromEntries(depths);
    },
    async ended(ids) {
      return ids.filter((id) => {
        const job = jobs.get(id);
        return job === undefined || isEnd(stateOf(job, jobs.now));
      });
    },
  };
}
