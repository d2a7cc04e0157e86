import type { Group } from './group.ts';
import { Job } from './job.ts';
import type { Scheduler } from './scheduler.ts';
import type { Shield } from './shield.ts';
import { worksAround } from './work-scope.ts';

export type Insider = Job | Shield;

/**
 * Jobs and shields that, from inside, wait for their own scheduler to drain, close or become idle.
 * To wait for them would be to wait for oneself.
 */
export class Insiders {
  readonly #scheduler: Scheduler;
  readonly #calls = new Map<Insider, number>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Whom the present call comes from: the job, and what it shields around the call. Ends with `leave()`. */
  enter(): readonly Insider[] {
    const entered: Insider[] = [];
    for (const work of worksAround()) {
      const insider = work as Insider;
      if (insider._scheduler !== this.#scheduler) continue;
      entered.push(insider);
      this.#calls.set(insider, (this.#calls.get(insider) ?? 0) + 1);
      if (insider instanceof Job) break;
    }
    return entered;
  }

  leave(entered: readonly Insider[]): void {
    for (const insider of entered) {
      const calls = this.#calls.get(insider);
      if (calls === undefined) continue;
      if (calls > 1) this.#calls.set(insider, calls - 1);
      else this.#calls.delete(insider);
    }
  }

  has(insider: Insider): boolean {
    return this.#calls.has(insider);
  }

  /** It has ended, whatever it was waiting for. */
  ended(insider: Insider): void {
    if (this.#calls.size > 0) this.#calls.delete(insider);
  }

  count(kind: 'all' | 'shields', group: Group | undefined): number {
    let count = 0;
    for (const insider of this.#calls.keys()) {
      if (group !== undefined && insider._group !== group) continue;
      if (kind === 'all' || !(insider instanceof Job)) count += 1;
    }
    return count;
  }
}
