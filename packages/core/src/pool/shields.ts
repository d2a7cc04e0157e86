import type { Group } from '../group.ts';
import type { JobFunction } from '../job.ts';
import { Shield } from '../shield.ts';
import type { Failures } from './failures.ts';

/** The shielded work of one pool. */
export class Shields {
  readonly #open = new Set<Shield>();
  readonly #onEnd: (shield: Shield) => void;
  readonly #onFailure: (error: unknown) => void;

  constructor(onEnd: (shield: Shield) => void, failures: Failures) {
    this.#onEnd = (shield) => {
      this.#open.delete(shield);
      shield.owner.shields -= 1;
      onEnd(shield);
    };
    this.#onFailure = (error) => {
      failures.shieldFailed(error);
    };
  }

  get size(): number {
    return this.#open.size;
  }

  has(shield: Shield): boolean {
    return this.#open.has(shield);
  }

  /** Those of a group, or all, as they are at the call. */
  of(group: Group | undefined): Shield[] {
    const shields = [...this.#open];
    return group === undefined ? shields : shields.filter(({ owner }) => owner === group);
  }

  /** Gives the promise that follows the work until `signal` aborts. */
  add(
    work: Promise<unknown> | JobFunction<unknown>,
    signal: AbortSignal | undefined,
    group: Group,
    id: number,
  ): Promise<unknown> {
    const shield = new Shield(group, id, this.#onEnd, this.#onFailure);
    this.#open.add(shield);
    group.shields += 1;
    if (signal !== undefined) shield.giveUpOn(signal);
    if (typeof work === 'function') shield.start(work);
    else shield.follow(work);
    return shield.promise;
  }
}
