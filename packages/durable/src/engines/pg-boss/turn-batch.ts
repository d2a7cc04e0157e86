import { type Deferred, deferred } from '@outlive/core/internal';
import { nextTurn } from '../../util/next-turn.ts';

/** One statement for all items of a job name: gives the answer to each in their order, and may reject that of one. */
type Run<T, R> = (name: string, items: readonly T[]) => Promise<readonly (R | Promise<R>)[]>;

interface Waiting<T, R> {
  readonly item: T;
  readonly answer: Deferred<R>;
}

/**
 * Gathers what is asked of one job name into one statement: all of one turn of the event loop, and all that comes while enough
 * statements are under way. Three times as many jobs a second end as with one statement each.
 */
export class TurnBatch<T, R> {
  readonly #run: Run<T, R>;
  readonly #mostUnderWay: number;
  readonly #gathered = new Map<string, Waiting<T, R>[]>();
  #underWay = 0;
  #isDue = false;

  /** @param mostUnderWay - statements of this batch at a time; all by default */
  constructor(run: Run<T, R>, mostUnderWay: number = Infinity) {
    this.#run = run;
    this.#mostUnderWay = mostUnderWay;
  }

  /** Resolves to the answer to this item. */
  add(name: string, item: T): Promise<R> {
    const answer = deferred<R>();
    const batch = this.#gathered.get(name) ?? [];
    this.#gathered.set(name, batch);
    batch.push({ item, answer });
    this.#flushSoon();
    return answer.promise;
  }

  get #isFull(): boolean {
    return this.#underWay >= this.#mostUnderWay;
  }

  #flushSoon(): void {
    if (this.#isDue || this.#isFull || this.#gathered.size === 0) return;
    this.#isDue = true;
    nextTurn(() => {
      this.#isDue = false;
      for (const [name, batch] of this.#gathered) {
        if (this.#isFull) return;
        this.#gathered.delete(name);
        void this.#flush(name, batch);
      }
    });
  }

  async #flush(name: string, batch: readonly Waiting<T, R>[]): Promise<void> {
    this.#underWay += 1;
    try {
      const items = batch.map(({ item }) => item);
      const answers = await this.#run(name, items);
      for (const [index, { answer }] of batch.entries()) answer.resolve(answers[index] as R);
    } catch (error) {
      for (const { answer } of batch) answer.reject(error);
    } finally {
      this.#underWay -= 1;
      this.#flushSoon();
    }
  }
}
