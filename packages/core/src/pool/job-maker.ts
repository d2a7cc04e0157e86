import { callSite, debugging } from '../call-site.ts';
import type { Group } from '../group.ts';
import type { JobFunction } from '../job.ts';
import { JobRecord } from '../job/record.ts';
import type { SelfSettling } from '../job/start.ts';
import { noJobOptions, type ResolvedJobOptions } from '../options.ts';
import { follow, unfollow } from '../util/follow.ts';
import { SignalLinks } from './signal-links.ts';

/** Makes the jobs of one pool, tied to what their options name. */
export class JobMaker {
  readonly #links = new SignalLinks();
  readonly #debugging = debugging();
  readonly #unblock: (job: JobRecord) => void;

  /** @param unblock - called when the `after` of a job has settled */
  constructor(unblock: (job: JobRecord) => void) {
    this.#unblock = unblock;
  }

  make<T>(
    fn: JobFunction<T> | SelfSettling,
    options: ResolvedJobOptions,
    group: Group,
  ): JobRecord<T> {
    const job = new JobRecord<T>(group, fn, options, undefined);
    group.jobs += 1;
    if (this.#debugging) job.extend().sourceStack = sourceOf(fn) ?? callSite();
    if (options !== noJobOptions) {
      if (options.signal !== undefined) this.#links.add(options.signal, job);
      if (options.after !== undefined) this.#block(job, options.after);
    }
    return job;
  }

  #block(job: JobRecord, after: Promise<unknown>): void {
    const extras = job.extend();
    extras.blocked = true;
    const unblock = (): void => {
      this.#unblock(job);
    };
    const follower = { onFulfilled: unblock, onRejected: unblock };
    follow(after, follower);
    const { unlink } = extras;
    extras.unlink = () => {
      unfollow(after, follower);
      unlink?.();
    };
  }
}

function sourceOf(work: JobFunction<unknown> | SelfSettling): string | undefined {
  return typeof work === 'function' ? undefined : work.sourceStack;
}
