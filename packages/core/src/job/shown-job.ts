import type { Job } from '../job.ts';
import { printedAs, writtenAs } from '../util/printed-as.ts';

/** How a job is printed by `console.log()`, and written by `JSON.stringify()`: without its inner fields. */
export function showJobs(prototype: Job): void {
  printedAs(prototype, ({ id, name, state, outcome, spawnedAt }) => {
    const age = `${Date.now() - spawnedAt} ms`;
    const short = name === undefined ? `${id}` : `${id} ${JSON.stringify(name)}`;
    return { title: 'Job', short, shown: { id, name, state, outcome, age } };
  });
  writtenAs(prototype, ({ id, name, state, outcome, spawnedAt, startedAt }) => {
    return { id, name, state, outcome, spawnedAt, startedAt };
  });
}
