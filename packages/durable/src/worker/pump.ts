import type { JobContext, Scheduler } from '@outlive/core';
import {
  noteCallSite,
  type Pool,
  poolOf,
  resolveJobOptions,
  settlementOf,
} from '@outlive/core/internal';
import type { JobBackend } from '../backend.ts';
import { publishClaim, storedInfo } from '../durable-events.ts';
import type { JobDefinition } from '../job-definition.ts';
import { storeFailure } from '../store-failure.ts';
import { nextTurn } from '../util/next-turn.ts';
import { pause, within } from '../util/waiting.ts';
import { ActiveLease } from './active-lease.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { Results } from './results.ts';
import { Room } from './room.ts';
import { type LeaseRunner, runLease } from './run-lease.ts';

/** Most jobs of one claim: enough to keep any number of slots busy, and few to hand back. */
const mostAtOnce = 100;
/** Time in ms that a claim under way, and then the handing back, get at the end. */
const endTimeout = 5_000;
/** Time in ms of it that is kept for the handing back. */
const releaseTimeout = 1_000;
/** Longest time in ms between two claims while the store is down. */
const longestPause = 2_000;

/**
 * Moves jobs from the store into the scheduler: claims only as many as have a free slot, so that waiting
 * jobs wait in the store, where every process can have them.
 */
export class Pump {
  readonly #scheduler: Scheduler;
  readonly #pool: Pool;
  readonly #backend: JobBackend;
  readonly #definitions: ReadonlyMap<string, JobDefinition>;
  readonly #room: Room;
  readonly #keeper: LeaseKeeper;
  readonly #runner: LeaseRunner;
  readonly #loop: Promise<void>;
  #stopped = false;
  #claiming: AbortController | undefined;
  #wake: (() => void) | undefined;

  constructor(
    scheduler: Scheduler,
    backend: JobBackend,
    definitions: ReadonlyMap<string, JobDefinition>,
    ended: (id: string) => void,
  ) {
    this.#scheduler = scheduler;
    this.#pool = poolOf(scheduler);
    this.#backend = backend;
    this.#definitions = definitions;
    this.#room = new Room(definitions);
    this.#keeper = new LeaseKeeper(scheduler, backend, {
      ended,
      wantsNext: () => this.#wantsNext,
    });
    const results = new Results(scheduler);
    this.#runner = { scheduler, backend, keeper: this.#keeper, results };
    this.#pool.onFreeSlot = () => this.#wake?.();
    this.#loop = this.#run();
  }

  /** Hands back all leases. Once it resolves, nothing is claimed, renewed or settled any more. */
  async end(): Promise<void> {
    this.#stopped = true;
    this.#claiming?.abort();
    this.#wake?.();
    this.#pool.onFreeSlot = undefined;
    const until = performance.now() + endTimeout;
    await within(endTimeout, this.#loop);
    // A store that took all this time does not answer: another process has the jobs when their leases are
    // over.
    const left = Math.max(releaseTimeout, until - performance.now());
    await within(left, this.#keeper.releaseAll());
    this.#keeper.giveUp();
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stopped;) {
      await this.#untilFree();
      if (this.#stopped) return;
      try {
        await this.#claim();
        failures = 0;
      } catch (exception) {
        if (failures === 0) {
          this.#scheduler.callExceptionHandler({
            message: 'Claiming jobs failed',
            exception: storeFailure(this.#backend, 'does not answer', exception),
          });
        }
        failures += 1;
        await pause(Math.min(50 * 2 ** failures, longestPause));
      }
    }
  }

  /** Resolves when there is a free slot and no drain, or at the end. */
  async #untilFree(): Promise<void> {
    while (!this.#stopped && !this.#isReady) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      // All jobs that end in one turn are replaced by one claim.
      await new Promise(nextTurn);
    }
    this.#wake = undefined;
  }

  get #isReady(): boolean {
    return !this.#isDraining && this.#pool.slots.free() > 0 && !this.#room.isFull;
  }

  get #isDraining(): boolean {
    return this.#scheduler.drainSignal.aborted || this.#pool.closesSoon;
  }

  async #claim(): Promise<void> {
    const claiming = new AbortController();
    this.#claiming = claiming;
    const { drainSignal } = this.#scheduler;
    const stop = (): void => {
      claiming.abort();
    };
    drainSignal.addEventListener('abort', stop);
    try {
      const max = Math.min(this.#pool.slots.free(), mostAtOnce);
      const { names, limits } = this.#room;
      const claimedAt = performance.now();
      const leases = await this.#backend.claim(names, max, claiming.signal, limits);
      for (const lease of leases) {
        const definition = this.#definitions.get(lease.name) as JobDefinition;
        const active = new ActiveLease(lease, definition, claimedAt);
        this.#keeper.add(active);
        this.#start(active);
      }
    } finally {
      drainSignal.removeEventListener('abort', stop);
      this.#claiming = undefined;
    }
  }

  /** For a claim under way that does not ask for a name which has room again. */
  #claimAnew(): void {
    this.#claiming?.abort();
    this.#wake?.();
  }

  /** Whether a job that ends may bring another one along: its slot will be free, and no plain job waits for that. */
  get #wantsNext(): boolean {
    const { slots } = this.#pool;
    return !this.#stopped && !this.#isDraining && slots.free(slots.active.size - 1) > 0;
  }

  #start(active: ActiveLease): void {
    const { lease, definition } = active;
    publishClaim(this.#scheduler, active);
    const release = (): void => void this.#keeper.settle(active, { kind: 'release' });
    // A closed scheduler is in a drain for good. One that is paused must not hold jobs that other processes could run. There
    // is no room where two names of a definition had jobs.
    const isHeld = this.#isDraining || this.#pool.slots.gate.paused;
    if (this.#stopped || isHeld || !this.#room.take(definition)) {
      release();
      return;
    }
    const origin = { stored: storedInfo(lease) };
    const run = async (context: JobContext): Promise<void> =>
      runLease(this.#runner, active, context);
    const job = this.#pool.spawnNow(
      Object.assign(run, { origin }),
      resolveJobOptions({ name: lease.name, timeout: definition.options.timeout }),
      undefined,
      true, // a plain job may have taken the slot meanwhile
    );
    noteCallSite(job, definition.sourceStack);
    job.extend().origin = origin;
    active.job = job;
    // A job that was cancelled before its turn came has not run.
    const over = (): void => {
      if (job.startedAt === undefined) release();
      const wasFull = this.#room.give(definition);
      if (active.next !== undefined) this.#start(active.next);
      else if (wasFull) this.#claimAnew();
    };
    void settlementOf(job).then(over, over);
  }
}
