import type { Group } from '../group.ts';
import type { JobFunction } from '../job.ts';
import { Shield, type ShieldHost } from '../shield.ts';
import { unfollow } from '../util/follow.ts';
import { isThenable } from '../util/check.ts';
import type { Failures } from './failures.ts';

/** The shielded work of one pool. */
export class Shields implements ShieldHost {
  /** Of all that there were. */
  count = 0;
  readonly #open = new Set<Shield>();
  /** Of promises that a caller has given up on, the shield that is left of all the calls. */
  readonly #kept = new WeakMap<Group, WeakMap<Promise<unknown>, Shield>>();
  readonly #onEnd: (shield: Shield) => void;
  readonly #failures: Failures;

  constructor(onEnd: (shield: Shield) => void, failures: Failures) {
    this.#onEnd = onEnd;
    this.#failures = failures;
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

  /**
   * Gives the promise that follows the work until `signal` aborts.
   *
   * @param refusal - of a function, where nothing starts any more
   */
  shield(
    work: PromiseLike<unknown> | JobFunction<unknown>,
    signal: AbortSignal | undefined,
    group: Group,
    refusal: unknown,
    ids: { lastId: number },
  ): Promise<unknown> {
    const followed = isThenable(work) ? Promise.resolve(work) : work;
    if (typeof followed === 'function' && (refusal !== undefined || signal?.aborted === true)) {
      return this.#failures.refused(refusal ?? signal?.reason);
    }
    ids.lastId += 1;
    return this.#add(followed, signal, group, ids.lastId);
  }

  #add(
    work: Promise<unknown> | JobFunction<unknown>,
    signal: AbortSignal | undefined,
    group: Group,
    id: number,
  ): Promise<unknown> {
    const shield = new Shield(group, id, this);
    this.#open.add(shield);
    this.count += 1;
    group.shields += 1;
    return shield.begin(work, signal);
  }

  ended(shield: Shield): void {
    this.#remove(shield);
    this.#onEnd(shield);
  }

  failed(error: unknown): void {
    this.#failures.shieldFailed(error);
  }

  /** The work is still waited for: once, however many calls have given up on it. */
  givenUp(shield: Shield): void {
    const { work, owner } = shield;
    if (work === undefined) return;
    let kept = this.#kept.get(owner);
    if (kept === undefined) {
      kept = new WeakMap();
      this.#kept.set(owner, kept);
    }
    if (kept.has(work)) {
      unfollow(work, shield);
      this.#remove(shield);
    } else {
      kept.set(work, shield);
    }
  }

  #remove(shield: Shield): void {
    this.#open.delete(shield);
    shield.owner.shields -= 1;
  }
}
