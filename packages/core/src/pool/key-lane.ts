import type { JobRecord } from '../job/record.ts';
import type { Place } from '../util/heap.ts';
import { JobOrder } from './job-order.ts';

/** The jobs of one key. */
export class KeyLane {
  readonly key: string | undefined;
  /** How many of them may run at once. */
  readonly limit: number;
  readonly pending: JobOrder = new JobOrder();
  running = 0;
  /** Live jobs, and `spawn()` calls that wait for room: the key is forgotten with the last. */
  uses = 0;
  /** When its last job started, counted in starts, where keys take turns. */
  turn = 0;
  /** Of its pending jobs the one that starts first, and the oldest. */
  next: JobRecord | undefined = undefined;
  oldest: JobRecord | undefined = undefined;
  readonly byTurn: Place = { at: -1 };
  readonly byAge: Place = { at: -1 };

  constructor(key: string | undefined, limit: number) {
    this.key = key;
    this.limit = limit;
  }

  get isFull(): boolean {
    return this.running >= this.limit;
  }
}
