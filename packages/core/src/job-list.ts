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
    this.size -= 1;
  }

  /** Adds its jobs to a snapshot, since whoever walks one may change the list. */
  addTo(snapshot: Job[]): void {
    for (let job = this.head; job !== undefined; job = job._next) snapshot.push(job);
  }

  #insertAfter(prev: Job | undefined, job: Job): void {
    const next = prev === undefined ? this.head : prev._next;
    job._prev = prev;
    job._next = next;
    if (prev === undefined) this.head = job;
    else prev._next = job;
    if (next === undefined) this.tail = job;
    else next._prev = job;
    this.size += 1;
  }
}
