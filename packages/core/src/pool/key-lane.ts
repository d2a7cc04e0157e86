import type { JobRecord } from '../job/record.ts';
import type { Place } from '../util/heap.ts';
import { JobOrder } from './job-order.ts';

/** The jobs of one key. */
export class KeyLane {
  readonly key: string | undefined;
  /** How many of them may run at once. */
  readonly limit: number;
  readonly pending: JobOrder = new JobOrder();
  /** How many those are. */
  waiting = 0;
  running = 0;
  /** Live jobs, and `spawn()` calls that wait for room: the key is forgotten with the last. */
  uses = 0;
  /** When its last job started, counted in starts, where keys take turns. */
  turn = 0;
  /** Of its pending jobs the one that starts first, with its priority and id, and the oldest. */
  next: JobRecord | undefined = undefined;
  priority = 0;
  id = 0;
  oldest: JobRecord | undefined = undefined;
  oldestId = 0;
  readonly byTurn: Place = { at: -1 };
  readonly byAge: Place = { at: -1 };

  constructor(key: string | undefined, limit: number) {
    this.key = key;
    this.limit = limit;
  }

  get isFull(): boolean {
    return this.running >= this.limit;
  }

  lookAtPending(): void {
    this.next = this.pending.next(false);
    this.oldest = this.pending.next(true);
    if (this.next === undefined || this.oldest === undefined) return;
    this.priority = this.next.options.priority;
    this.id = this.next.ordinal;
    this.oldestId = this.oldest.ordinal;
  }
}
