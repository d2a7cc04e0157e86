import { type CronExpression, CronExpressionParser } from 'cron-parser';
import { TimeZone } from './time-zone.ts';

const day = 24 * 60 * 60 * 1_000;
/** Longest time in ms between two times of an expression, and more: February 29 of 2096 and 2104. */
const longestPause = 9 * 366 * day;

/** How a cron expression is read. */
export interface CronOptions {
  /** An IANA name. */
  readonly timezone: string;
  /** What `H` stands for is made from it. */
  readonly seed: string;
}

/**
 * The times of a cron expression, in epoch ms.
 *
 * cron-parser reads the expression, and says what a clock on the wall shows when it is due. When a clock of the time zone shows
 * that is found out here: by cron-parser a day that begins at 1:00 (Cairo, Santiago) has no midnight job, and where clocks change
 * by half an hour (Lord Howe) it finds times that have passed, or none.
 */
export class CronTimes {
  readonly #text: string;
  readonly #wall: CronExpression;
  readonly #zone: TimeZone;
  readonly #everyHour: boolean;

  /** @throws Error for an expression that is none */
  constructor(text: string, { timezone, seed }: CronOptions) {
    this.#text = text;
    // UTC has all times, and each of them once.
    this.#wall = CronExpressionParser.parse(text, { tz: 'UTC', hashSeed: seed });
    this.#zone = new TimeZone(timezone);
    this.#everyHour = this.#wall.fields.hour.values.length === 24;
  }

  /**
   * The first one after this.
   *
   * @throws Error where there is none
   */
  next(after: number): number {
    return this.#next(Math.floor(after));
  }

  /**
   * The last one up to this.
   *
   * @throws Error where there is none
   */
  last(until: number): number {
    for (let span = 1_000; span < longestPause * 4; span *= 4) {
      const time = this.next(until - span);
      if (time <= until) return this.#lastFrom(time, Math.floor(until));
    }
    throw new Error(`${this.#text} has no time before ${new Date(until).toISOString()}`);
  }

  #next(after: number): number {
    const first = this.#first(after);
    if (this.#everyHour) return first;
    const change = this.#zone.changeWithin(after - day, after + 1);
    if (change === undefined) return first;
    const { at, by } = change;
    // What is shown for the second time was met the first time.
    if (by < 0) return this.#first(Math.max(after, at - by - 1));
    const skipped = this.#firstBy(this.#zone.offsetAt(at - 1), at - 1);
    return skipped > after && skipped < at + by ? Math.min(skipped, first) : first;
  }

  /** The first one after a time; that this may have been shown before is not looked at. */
  #first(after: number): number {
    const offset = this.#zone.offsetAt(after + 1);
    const time = this.#firstBy(offset, after);
    const change = this.#zone.changeWithin(after + 1, time);
    if (change === undefined) return time;
    const { at, by } = change;
    if (by < 0 && !this.#everyHour) return this.#first(at - by - 1);
    const later = this.#first(at - 1);
    // By clocks that had not been put forward it would be due now: so it is met, though no clock shows it.
    const isSkipped = !this.#everyHour && time < at + by;
    return isSkipped ? Math.min(time, later) : later;
  }

  /** The first one after a time, by clocks that keep one offset. */
  #firstBy(offset: number, after: number): number {
    this.#wall.reset(new Date(after + offset));
    return this.#wall.next().getTime() - offset;
  }

  /** The last one from one of them on. */
  #lastFrom(first: number, until: number): number {
    let [last, end] = [first, until];
    while (end - last > 1) {
      const middle = Math.floor((last + end) / 2);
      const time = this.#next(middle);
      if (time > until) end = middle;
      else last = time;
    }
    return last;
  }
}
