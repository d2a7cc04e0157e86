import { type DefinedJob, defineJob, type DurableJobContext } from '@outlive/durable';
import { until } from '@outlive/test-support/conditions';

/** One run, which lasts until the test ends it. */
export interface Run {
  readonly payload: unknown;
  readonly context: DurableJobContext;
  readonly end: (error?: Error) => void;
}

/** A job whose runs the test ends itself. */
export class Runs {
  readonly all: Run[] = [];
  readonly job: DefinedJob<unknown>;

  constructor(name = 'held', options?: Parameters<typeof defineJob>[2]) {
    this.job = defineJob(
      name,
      (payload: unknown, context) =>
        new Promise<void>((resolve, reject) => {
          const end = (error?: Error): void => (error === undefined ? resolve() : reject(error));
          this.all.push({ payload, context, end });
        }),
      options as never,
    );
  }

  /** Resolves to the run of this number, 1 for the first, when it has begun. */
  async begun(count = 1): Promise<Run> {
    await until(() => this.all.length >= count);
    const run = this.all[count - 1];
    if (run === undefined) throw new Error('unreachable');
    return run;
  }
}
