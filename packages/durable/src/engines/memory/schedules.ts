import type { NewJob } from '../../backend.ts';
import type { JobSchedules, ScheduleRef } from '../../backend-schedules.ts';

/** When the last job of each schedule was due, of one process. */
export class MemorySchedules implements JobSchedules {
  readonly #due = new Map<string, number>();
  readonly #store: (job: NewJob) => Promise<string | null>;

  constructor(store: (job: NewJob) => Promise<string | null>) {
    this.#store = store;
  }

  async replace(
    names: readonly string[],
    schedules: readonly ScheduleRef[],
    since: number,
  ): Promise<number[]> {
    const keys = schedules.map(keyOf);
    for (const key of this.#due.keys()) {
      const [name = ''] = key.split(':');
      if (names.includes(name) && !keys.includes(key)) this.#due.delete(key);
    }
    return keys.map((key) => {
      const due = this.#due.get(key) ?? since;
      this.#due.set(key, due);
      return due;
    });
  }

  async enqueue(job: NewJob, id: string, due: number): Promise<string | null> {
    const key = keyOf({ name: job.name, id });
    if ((this.#due.get(key) ?? Infinity) >= due) return null;
    this.#due.set(key, due);
    return this.#store(job);
  }
}

/** No name has a colon in it. */
function keyOf({ name, id }: ScheduleRef): string {
  return `${name}:${id}`;
}
