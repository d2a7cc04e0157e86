import type { NewJob } from './new-job.ts';

/** One of the schedules of a job name. */
export interface ScheduleRef {
  /** Of the job. */
  readonly name: string;
  /** Of the schedule: the same in every process that defines it so. */
  readonly id: string;
}

/**
 * What a store knows of schedules: when the last job of each was due. All times are epoch ms.
 *
 * @throws a method rejects with whatever its engine has failed with
 */
export interface JobSchedules {
  /**
   * Makes these all the schedules that these names have. What processes of another version still know is forgotten: they
   * store no more jobs of it.
   *
   * @param since - the time that a new one counts from
   * @returns for each schedule when its last job was due; of a new one `since`
   */
  replace(
    names: readonly string[],
    schedules: readonly ScheduleRef[],
    since: number,
  ): Promise<number[]>;

  /**
   * Stores the job of a schedule that is due. Of all calls for one time, by any number of processes, one does.
   *
   * @returns its id; `null` if a job for this time or a later one was stored before, or the schedule is known no more
   */
  enqueue(job: NewJob, id: string, due: number): Promise<string | null>;
}
