import { AssertionError, equal } from 'node:assert/strict';
import type {
  DiedJob,
  EnqueueBackendOptions,
  JobBackend,
  JobSpec,
  Lease,
  NewJob,
} from '../backend.ts';
import type { Depth } from '../depth.ts';
import type { JobQuery } from '../backend-operations.ts';
import type { StoredJob, StoredJobPage } from '../stored-job.ts';
import { pause } from '../util/waiting.ts';

/** Time in ms of one look at something that takes time. */
const step = 50;

/** One promise, tested on a job name of its own. */
export interface Case {
  readonly title: string;
  readonly spec?: Partial<JobSpec>;
  readonly run: (world: World) => Promise<void>;
}

/** The backend, reduced to one job name. */
export class World {
  readonly backend: JobBackend;
  readonly name: string;
  readonly #died: readonly DiedJob[];

  constructor(backend: JobBackend, name: string, died: readonly DiedJob[] = []) {
    this.backend = backend;
    this.name = name;
    this.#died = died;
  }

  /** The jobs whose last run died, as the backend has told. */
  get died(): DiedJob[] {
    return this.#died.filter(({ name }) => name === this.name);
  }

  async enqueue(
    job: Omit<Partial<NewJob>, 'name'> = {},
    options?: EnqueueBackendOptions,
  ): Promise<string | null> {
    return this.backend.enqueue({ payload: {}, ...job, name: this.name }, options);
  }

  /** As `enqueue()`, without a key that is taken. */
  async store(job: Omit<Partial<NewJob>, 'name'> = {}): Promise<string> {
    const id = await this.enqueue(job);
    equal(typeof id, 'string', 'the id of a job');
    return String(id);
  }

  /** A job that is there. */
  async get(id: string): Promise<StoredJob> {
    const job = await this.backend.lookup.get(id);
    if (job === undefined) throw new AssertionError({ message: `there is no job ${id}` });
    return job;
  }

  async list(query: Partial<JobQuery>): Promise<StoredJobPage> {
    return this.backend.lookup.list({ limit: 100, ...query, name: this.name });
  }

  /** The jobs that are ready now. */
  async look(max = 1): Promise<Lease[]> {
    const controller = new AbortController();
    const claimed = this.backend.claim([this.name], max, controller.signal);
    // Long enough for a claim to be under way in any store.
    await pause(250);
    controller.abort();
    return claimed;
  }

  /** Claims one job; waits for it for `within` ms. */
  async claim(within = 30_000): Promise<Lease> {
    const [lease] = await this.claimAll(1, within);
    if (lease === undefined) throw new Error('unreachable');
    return lease;
  }

  /** Claims exactly `count` jobs, however many claims it takes. */
  async claimAll(count: number, within = 30_000): Promise<Lease[]> {
    const signal = AbortSignal.timeout(within);
    const leases: Lease[] = [];
    while (leases.length < count && !signal.aborted) {
      leases.push(...(await this.backend.claim([this.name], count - leases.length, signal)));
    }
    equal(leases.length, count, `jobs claimed within ${within} ms`);
    return leases;
  }

  /**
   * Time in ms that this takes, but for that in which the machine was busy, or the store did not answer: each step counts for
   * its pause alone, and so does one in which the process stood still.
   */
  async time(work: Promise<unknown>): Promise<number> {
    const state = { isOver: false };
    const end = (): void => {
      state.isOver = true;
    };
    void work.then(end, end);
    let steps = 0;
    for (; !state.isOver; steps += 1) await Promise.all([pause(step), this.depth()]);
    await work;
    return steps * step;
  }

  async depth(): Promise<Depth> {
    const all = await this.backend.lookup.depth();
    return all[this.name] ?? { ready: 0, active: 0, failed: 0 };
  }
}
