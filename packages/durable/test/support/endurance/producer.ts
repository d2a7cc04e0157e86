import { setTimeout as sleep } from 'node:timers/promises';
import { type Depth, type DurableJobs, openJobs } from '@outlive/durable';
import { backendOf } from '../backend-of.ts';
import { storeTasks } from './store-tasks.ts';
import { type Handlers, type Jobs, jobsOf, type Version } from './versions.ts';

/** So many are stored with one call. */
const many = 5;

/** Its handlers never run: it only stores jobs. */
const handlers: Handlers = { task: async () => {}, tick: async () => {} };

interface Opened {
  readonly open: DurableJobs;
  readonly jobs: Jobs;
}

/** A process of the application that stores tasks, each once whatever fails. */
export class Producer {
  readonly #opened: ReadonlyMap<Version, Opened>;
  /** By whose definition tasks are stored. */
  version: Version = 1;

  private constructor(opened: ReadonlyMap<Version, Opened>) {
    this.#opened = opened;
  }

  static async open(store: string): Promise<Producer> {
    const versions: Version[] = [1, 2];
    const opened = versions.map(async (version) => {
      const jobs = jobsOf(version, handlers);
      const backend = backendOf(store, 'endurance');
      const open = await openJobs({
        jobs: Object.values(jobs),
        backend,
        work: false,
        exceptionHandler: () => {}, // the store is restarted under it
      });
      return [version, { open, jobs }] as const;
    });
    return new Producer(new Map(await Promise.all(opened)));
  }

  /** The tasks that are stored have the numbers from 0 to one less. */
  stored = 0;
  #isStopped = false;

  /** Stores so many tasks a second, some with one call and others with a call each, until `stop()`. */
  async produce(rate: number): Promise<void> {
    const start = performance.now();
    while (!this.#isStopped) {
      const next = this.stored + 2 * many;
      const numbers = Array.from({ length: 2 * many }, (_, index) => this.stored + index);
      await Promise.all([
        this.#store(numbers.slice(0, many)),
        ...numbers.slice(many).map(async (n) => this.#store([n])),
      ]);
      this.stored = next;
      await sleep(Math.max(0, start + (next / rate) * 1_000 - performance.now()));
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** How many jobs of each name wait, run and have failed. */
  async depth(): Promise<Record<string, Depth>> {
    return this.#of(2).open.depth();
  }

  /** Whether no task waits or runs. */
  async isEmpty(): Promise<boolean> {
    const { import: old, load } = await this.depth();
    return [old, load].every((depth) => depth?.ready === 0 && depth.active === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#opened.values()].map(async ({ open }) => open.close()));
  }

  /** Until they are known to be stored. */
  async #store(numbers: readonly number[]): Promise<void> {
    for (;;) {
      const { open, jobs } = this.#of(this.version);
      try {
        await storeTasks(open, jobs.task, numbers);
        return;
      } catch {
        await sleep(100);
      }
    }
  }

  #of(version: Version): Opened {
    const opened = this.#opened.get(version);
    if (opened === undefined) throw new Error(`no producer of version ${version}`);
    return opened;
  }
}
