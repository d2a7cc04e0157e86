import { callSite, debugging } from '../call-site.ts';
import type { Group } from '../group.ts';
import type { JobFunction } from '../job.ts';
import type { JobTeam } from '../job/extras.ts';
import { JobRecord } from '../job/record.ts';
import { type RetryHost, Retrying } from '../job/retrying.ts';
import type { SelfSettling } from '../job/start.ts';
import { noJobOptions, type ResolvedJobOptions } from '../options.ts';
import type { ResolvedRetry } from '../retry-options.ts';
import { follow, unfollow } from '../util/follow.ts';
import type { Keys } from './keys.ts';
import { SignalLinks } from './signal-links.ts';

/** Makes the jobs of one pool, tied to what their options name. */
export class JobMaker {
  readonly #links = new SignalLinks();
  readonly #debugging = debugging();
  readonly #unblock: (job: JobRecord) => void;
  readonly #keys: Keys | undefined;
  readonly #retries: RetryHost;
  /** Whether there is something to note of every job. */
  readonly #notesAll: boolean;

  /** @param unblock - called when the `after` of a job has settled */
  constructor(unblock: (job: JobRecord) => void, keys: Keys | undefined, retries: RetryHost) {
    this.#retries = retries;
    this.#unblock = unblock;
    this.#keys = keys;
    this.#notesAll = this.#debugging || keys !== undefined;
  }

  make<T>(
    fn: JobFunction<T> | SelfSettling,
    options: ResolvedJobOptions,
    group: Group,
    team: JobTeam<JobRecord> | undefined,
  ): JobRecord<T> {
    const job = new JobRecord<T>(group, fn, options, undefined);
    if (team !== undefined || this.#notesAll || isNoted(options)) this.#note(job, team);
    group.jobs += 1;
    return job;
  }

  #note(job: JobRecord, team: JobTeam<JobRecord> | undefined): void {
    const { work, options } = job;
    // First, since a limit that depends on the key may throw.
    if (team?.inside !== true) this.#keys?.enter(job);
    if (team !== undefined) enterTeam(job, team);
    if (this.#debugging) job.extend().sourceStack = sourceOf(work as SelfSettling) ?? callSite();
    if (options.signal !== undefined) this.#links.add(options.signal, job);
    if (options.after !== undefined) this.#block(job, options.after);
    else if (team !== undefined) job.extend().blocked = !team.admits(job);
    if (options.retry !== undefined) this.#retry(job, options.retry);
  }

  #retry(job: JobRecord, retry: ResolvedRetry): void {
    const { work, options } = job;
    if (typeof work !== 'function') return;
    job.work = new Retrying(job, work as JobFunction<unknown>, retry, this.#retries);
    // Not reachable from a finished job: `when` may hold much.
    job.options = { ...options, retry: undefined };
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

/** Whether there is something to note of a job with these options. */
function isNoted(options: ResolvedJobOptions): boolean {
  if (options === noJobOptions) return false;
  return (options.signal ?? options.after ?? options.retry) !== undefined;
}

function enterTeam(job: JobRecord, team: JobTeam<JobRecord>): void {
  const extras = job.extend();
  extras.team = team;
  extras.slotless = team.inside;
  team.enter(job);
}

function sourceOf(work: JobFunction<unknown> | SelfSettling): string | undefined {
  return typeof work === 'function' ? undefined : work.sourceStack;
}
