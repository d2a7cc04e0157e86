import type { Scheduler } from '@outlive/core';
import {
  freeSlots,
  onFreeSlot,
  resolveJobOptions,
  settlementOf,
  spawnNowIn,
} from '@outlive/core/internal';
import type { JobBackend, Lease } from '../backend.ts';
import type { DefinedJob } from '../define-job.ts';
import { HeldLease } from './active-lease.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { runLease } from './run-lease.ts';
import { pause, within } from '../util/waiting.ts';

/** Enough to keep any number of slots busy, and little to hand back. */
const mostAtOnce = 100;
/** What a claim under way and the record of what ends get before the process goes without them. */
const endTimeout = 5_000;
const longestPause = 2_000;

/**
 * Moves jobs from the store into the scheduler: claims only as many as have a free slot, so that
 * whatever is waiting waits in the store, where every process can have it.
 */
export class Pump {
  readonly #scheduler: Scheduler;
  readonly #backend: JobBackend;
  readonly #jobs: ReadonlyMap<string, DefinedJob<never>>;
  readonly #keeper: LeaseKeeper;
  readonly #loop: Promise<void>;
  #stopped = false;
  #claiming: AbortController | undefined;
  #wake: (() => void) | undefined;

  constructor(
    scheduler: Scheduler,
    backend: JobBackend,
    jobs: ReadonlyMap<string, DefinedJob<never>>,
  ) {
    this.#scheduler = scheduler;
    this.#backend = backend;
    this.#jobs = jobs;
    this.#keeper = new LeaseKeeper(scheduler, backend);
    onFreeSlot(scheduler, () => this.#wake?.());
    this.#loop = this.#run();
  }

  /** Hands back all that is still held. Nothing is claimed, renewed or settled any more once it resolves. */
  async end(): Promise<void> {
    this.#stopped = true;
    this.#claiming?.abort();
    this.#wake?.();
    onFreeSlot(this.#scheduler, undefined);
    const until = performance.now() + endTimeout;
    await within(endTimeout, this.#loop);
    // Where that took all the time, the store does not answer: another process has the jobs when their
    // leases are over.
    await within(Math.max(1_000, until - performance.now()), this.#keeper.releaseAll());
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stopped;) {
      await this.#untilFree();
      if (this.#stopped) return;
      try {
        await this.#claim();
        failures = 0;
      } catch (error) {
        if (failures === 0) this.#tell('Claiming jobs failed', error);
        failures += 1;
        await pause(Math.min(50 * 2 ** failures, longestPause));
      }
    }
  }

  /** Also waits for a drain to be over. */
  async #untilFree(): Promise<void> {
    while (!this.#stopped && (this.#scheduler.draining.aborted || freeSlots(this.#scheduler) < 1)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      // What ends in one turn is replaced by one claim, not by one each.
      await new Promise(setImmediate);
    }
    this.#wake = undefined;
  }

  async #claim(): Promise<void> {
    const claiming = new AbortController();
    this.#claiming = claiming;
    const { draining } = this.#scheduler;
    const stop = (): void => {
      claiming.abort();
    };
    draining.addEventListener('abort', stop);
    try {
      const max = Math.min(freeSlots(this.#scheduler), mostAtOnce);
      const names = [...this.#jobs.keys()];
      const claimedAt = performance.now();
      const leases = await this.#backend.claim(names, max, claiming.signal);
      for (const lease of leases) this.#take(lease, claimedAt);
    } finally {
      draining.removeEventListener('abort', stop);
      this.#claiming = undefined;
    }
  }

  #take(lease: Lease, claimedAt: number): void {
    const definition = this.#jobs.get(lease.name) as DefinedJob<never>;
    const held = new HeldLease(lease, definition, claimedAt);
    this.#keeper.hold(held);
    if (this.#stopped || this.#scheduler.draining.aborted) {
      void this.#keeper.settle(held, { kind: 'release' });
      return;
    }
    try {
      const job = spawnNowIn(
        this.#scheduler,
        undefined,
        (each) => runLease(this.#keeper, held, each),
        resolveJobOptions({ name: lease.name, timeout: definition.options.timeout }),
        true, // a plain job may have taken the slot meanwhile
      );
      held.job = job;
      // A job that was cancelled before its turn came never ran.
      const over = (): void => {
        if (job.startedAt === undefined) void this.#keeper.settle(held, { kind: 'release' });
      };
      void settlementOf(job).then(over, over);
    } catch {
      // Closed in between.
      void this.#keeper.settle(held, { kind: 'release' });
    }
  }

  #tell(message: string, exception: unknown): void {
    this.#scheduler.callExceptionHandler({ message, exception });
  }
}
