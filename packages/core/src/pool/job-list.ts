import type { JobRecord } from '../job/record.ts';

/**
 * A doubly linked list threaded through the jobs themselves: adding, taking and removing from the
 * middle are constant-time and allocate nothing. A job is in at most one list.
 */
export class JobList {
  head: JobRecord | undefined = undefined;
  tail: JobRecord | undefined = undefined;
  size = 0;

  push(job: JobRecord): void {
    const { tail } = this;
    job.previous = tail;
    if (tail === undefined) this.head = job;
    else tail.next = job;
    this.tail = job;
    this.size += 1;
  }

  /** Keeps the list ordered by id. Walks from the tail, where a job that was released last mostly belongs. */
  insertById(job: JobRecord): void {
    let next: JobRecord | undefined;
    let previous = this.tail;
    while (previous !== undefined && previous.ordinal > job.ordinal) {
      next = previous;
      ({ previous } = previous);
    }
    if (next === undefined) {
      this.push(job);
      return;
    }
    job.previous = previous;
    job.next = next;
    next.previous = job;
    if (previous === undefined) this.head = job;
    else previous.next = job;
    this.size += 1;
  }

  remove(job: JobRecord): void {
    const { previous, next } = job;
    if (previous === undefined) this.head = next;
    else {
      previous.next = next;
      job.previous = undefined;
    }
    if (next === undefined) this.tail = previous;
    else {
      next.previous = previous;
      job.next = undefined;
    }
    this.size -= 1;
  }

  /** Adds its jobs to a snapshot, since the code that walks one may change the list. */
  addTo(snapshot: JobRecord[]): void {
    for (let job = this.head; job !== undefined; job = job.next) snapshot.push(job);
  }
}
