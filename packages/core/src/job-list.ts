import type { Job } from './job.ts';

/**
 * A doubly linked list threaded through the jobs themselves: adding, taking and removing from the
 * middle are constant-time and allocate nothing. A job is in at most one list.
 */
export class JobList {
  head: Job | undefined = undefined;
  tail: Job | undefined = undefined;
  size = 0;

  push(job: Job): void {
    this.#insertAfter(this.tail, job);
  }

  /** Keeps the list ordered by id. Walks from the tail, where a job that was released last mostly belongs. */
  insertById(job: Job): void {
    let before = this.tail;
    while (before !== undefined && before.id > job.id) before = before._prev;
    this.#insertAfter(before, job);
  }

  remove(job: Job): void {
    const { _prev: prev, _next: next } = job;
    if (prev === undefined) this.head = next;
    else prev._next = next;
    if (next === undefined) this.tail = prev;
    else next._prev = prev;
    job._prev = undefined;
    job._next = undefined;
    job._list = undefined;
    this.size -= 1;
  }

  /** A snapshot: whoever walks it may change the list. */
  toArray(): Job[] {
    const jobs: Job[] = [];
    for (let job = this.head; job !== undefined; job = job._next) jobs.push(job);
    return jobs;
  }

  #insertAfter(prev: Job | undefined, job: Job): void {
    const next = prev === undefined ? this.head : prev._next;
    job._prev = prev;
    job._next = next;
    job._list = this;
    if (prev === undefined) this.head = job;
    else prev._next = job;
    if (next === undefined) this.tail = job;
    else next._prev = job;
    this.size += 1;
  }
}
