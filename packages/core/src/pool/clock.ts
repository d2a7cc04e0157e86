/** The times of one pool's jobs: ms since its first job, so that most are small integers. */
export class Clock {
  /** Epoch ms of the first job. */
  epoch: number = NaN;

  now(): number {
    const now = Date.now();
    if (Number.isNaN(this.epoch)) this.epoch = now;
    const elapsed = now - this.epoch;
    // As a small integer, if it is one: V8 would keep the difference of two doubles as a double, 16 bytes more.
    const small = elapsed | 0;
    return small === elapsed ? small : elapsed;
  }
}
