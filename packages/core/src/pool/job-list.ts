import type { JobRecord } from '../job/record.ts';

/**
 * A doubly linked list threaded through the jobs themselves: adding, taking and removing from the middle are
 * constant-time and allocate nothing. A job is in at most one list.
 *
 * It is a ring, held by its newest job alone: a list lives long, and each young job that V8 finds in an old object is
 * noted for the garbage collector, which costs more than the links (https://v8.dev/blog/trash-talk, write barriers).
 */
export class JobList {
  tail: JobRecord | undefined = undefined;
  size = 0;

  get head(): JobRecord | undefined {
    return this.tail?.next;
  }

  push(job: JobRecord): void {
    const { tail } = this;
    if (tail === undefined) {
      job.previous = job;
      job.next = job;
    } else {
      insert(job, tail, tail.next as JobRecord);
    }
    this.tail = job;
    this.size += 1;
  }

  remove(job: JobRecord): void {
    const previous = job.previous as JobRecord;
    if (previous === job) {
      this.tail = undefined;
    } else {
      const next = job.next as JobRecord;
      previous.next = next;
      next.previous = previous;
      if (this.tail === job) this.tail = previous;
    }
    job.previous = undefined;
    job.next = undefined;
    this.size -= 1;
  }

  /** The next newer job, if there is one. */
  after(job: JobRecord): JobRecord | undefined {
    return job === this.tail ? undefined : job.next;
  }

  /** Adds its jobs to a snapshot, since the code that walks one may change the list. */
  addTo(snapshot: JobRecord[]): void {
    for (let job = this.head; job !== undefined; job = this.after(job)) snapshot.push(job);
  }
}

function insert(job: JobRecord, previous: JobRecord, next: JobRecord): void {
  job.previous = previous;
  job.next = next;
  previous.next = job;
  next.previous = job;
}
