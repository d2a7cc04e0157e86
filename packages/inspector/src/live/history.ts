import { observe, type Scheduler } from '@outlive/core';
import type { Counts, Sample } from '../wire.ts';

/** Samples that are kept: five minutes. */
const mostSamples = 300;
/** Waits of one second that are kept for its percentiles; of more jobs some are left out. */
const mostWaits = 500;

/** What the charts of one scheduler show: one sample a second, taken while a page is open. */
export class History {
  readonly #samples: Sample[] = [];
  #last: { readonly counts: Counts; readonly at: number } | undefined;
  #waits: number[] = [];
  #started = 0;

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** A job has started, after having waited for so long. */
  started(wait: number): void {
    this.#started += 1;
    if (this.#waits.length < mostWaits) {
      this.#waits.push(wait);
      return;
    }
    // So that each start of the second has the same chance to be among them (reservoir sampling).
    const at = Math.floor(Math.random() * this.#started);
    if (at < mostWaits) this.#waits[at] = wait;
  }

  /** Takes a sample. The first one after a pause has no rates, for want of something to compare with. */
  sample(counts: Counts, at: number): Sample {
    const { counts: before, at: since } = this.#last ?? { counts, at: at - 1_000 };
    const seconds = Math.max(at - since, 1) / 1_000;
    const rate = (field: 'completed' | 'failed' | 'cancelled'): number =>
      Math.round(((counts[field] - before[field]) / seconds) * 10) / 10;
    this.#last = { counts, at };
    const waits = this.#waits.toSorted((a, b) => a - b);
    this.#waits = [];
    this.#started = 0;
    const sample = {
      at,
      active: counts.active + counts.closing,
      pending: counts.pending,
      completed: rate('completed'),
      failed: rate('failed'),
      cancelled: rate('cancelled'),
      waitMedian: percentile(waits, 0.5),
      wait95: percentile(waits, 0.95),
    };
    this.#samples.push(sample);
    if (this.#samples.length > mostSamples) this.#samples.shift();
    return sample;
  }

  /** Nothing is sampled from now on, for some time. */
  pause(): void {
    this.#last = undefined;
    this.#waits = [];
    this.#started = 0;
  }
}

function percentile(sorted: readonly number[], part: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
}

/** Notes what starts, in the histories of these schedulers, until the subscription is ended. */
export function watchStarts(histories: ReadonlyMap<Scheduler, History>): () => void {
  return observe('outlive:job:start', ({ scheduler, wait }) => {
    histories.get(scheduler)?.started(wait);
  });
}
