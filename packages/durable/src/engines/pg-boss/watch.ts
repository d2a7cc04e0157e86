import { randomUUID } from 'node:crypto';
import type { DiedJob } from '../../backend.ts';
import { JobStoreError } from '../../errors.ts';
import { nextTurn } from '../../util/next-turn.ts';
import { Routine } from '../../util/routine.ts';
import { diedJob, unknownName } from '../lost-jobs.ts';
import type { PgBoss } from './types.ts';
import type { QueueSql } from './queue-sql.ts';
import type { Tables } from './tables.ts';

/** Time in ms between two looks for leases that ran out. */
const interval = 5_000;
/** So many looks later, jobs that died are looked for without a lease that ran out: another process may have ended it, and died. */
const looksBetween = 12;
/** Time in ms that a notification may take. */
const notificationTimeout = 3_000;

/** What a store looks after, and would otherwise be said to nobody. */
export interface WatchOptions {
  readonly description: string;
  readonly boss: PgBoss;
  readonly tables: Tables;
  readonly sql: QueueSql;
  readonly names: readonly string[];
  readonly report: (error: unknown) => void;
  readonly onDied: (job: DiedJob) => void;
}

/** Reports what pg-boss says to nobody. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #looking: Routine;
  readonly #token = randomUUID();
  #looks = 0;
  #notificationTimer: NodeJS.Timeout | undefined;
  /** Whether our own notification is still to come. */
  #isMissing = true;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#looking = new Routine(interval, async () => this.#look(), options.report);
    this.#reportUnknown().catch(options.report);
  }

  /** Asks for a notification of our own: behind a pooler in transaction mode none arrives, and nothing says so. */
  async checkNotifications(): Promise<void> {
    const { description, tables, report } = this.#options;
    const late = (): void => {
      if (!this.#isMissing) return;
      report(
        new JobStoreError(
          `${description} sends no notifications, so that jobs start up to a second late: behind a pooler in transaction mode, give a direct connection or one in session mode`,
        ),
      );
    };
    // In a process that was busy all the time it may have come, and not been read.
    this.#notificationTimer = setTimeout(() => nextTurn(late), notificationTimeout).unref();
    await tables.notify(this.#token).catch(report);
  }

  /** Whether this notification is the one that was asked for. */
  takes(notification: string): boolean {
    if (notification !== this.#token) return false;
    this.#isMissing = false;
    clearTimeout(this.#notificationTimer);
    return true;
  }

  end(): void {
    void this.#looking.end();
    this.#isMissing = false;
    clearTimeout(this.#notificationTimer);
  }

  /** Lets pg-boss end the leases that ran out, where there are any: a look of its own is several statements for each queue. */
  async #look(): Promise<void> {
    const { boss, sql, names, report } = this.#options;
    this.#looks += 1;
    try {
      const expired = await sql.expired(names);
      for (const name of expired) await boss.supervise(name);
      if (expired.length === 0 && this.#looks % looksBetween !== 0) return;
    } catch (error) {
      report(error);
    }
    await this.#reportDied();
  }

  async #reportDied(): Promise<void> {
    const { sql, names, report, onDied } = this.#options;
    for (const job of await sql.takeDied(names)) {
      const error = diedJob(job.name, job.id);
      report(error);
      onDied({ ...job, error });
    }
  }

  async #reportUnknown(): Promise<void> {
    const { description, sql, names, report } = this.#options;
    const unknown = await sql.unknownNames(names);
    for (const { name, count } of unknown) report(unknownName(description, name, count));
  }
}
