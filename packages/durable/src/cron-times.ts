import { type CronExpression, CronExpressionParser } from 'cron-parser';

/**
 * Time in ms around a time that is searched step by step: where clocks change at an odd hour or by half an hour (Chatham, Lord
 * Howe), cron-parser gives times that have passed, or none (https://github.com/harrisiirak/cron-parser/issues).
 */
const searched = 6 * 60 * 60 * 1_000;

/** How a cron expression is read. */
export interface CronOptions {
  /** An IANA name. */
  readonly timezone: string;
  /** What `H` stands for is made from it. */
  readonly seed: string;
}

/** The times of a cron expression, in epoch ms. */
export class CronTimes {
  readonly #text: string;
  readonly #options: CronOptions;
  /** Time in ms from one that may be due to the next. */
  readonly #step: number;

  constructor(text: string, options: CronOptions) {
    this.#text = text;
    this.#options = options;
    this.#step = text.split(' ').length === 6 ? 1_000 : 60_000;
  }

  /**
   * The first one after this.
   *
   * @throws Error for an expression that is none, or has no such time
   */
  next(after: number): number {
    const first = this.#ask(after, (expression) => expression.next());
    if (first > after) return first;
    const found = this.#search(Math.floor(after / this.#step) + 1, 1);
    if (found !== undefined) return found;
    const later = this.#ask(after + searched, (expression) => expression.next());
    if (later > after) return later;
    throw new Error(`${this.#text} has no time after ${new Date(after).toISOString()}`);
  }

  /**
   * The last one up to this.
   *
   * @throws Error where there is none
   */
  last(until: number): number {
    const last = this.#ask(until + 1, (expression) => expression.prev());
    if (last <= until) return last;
    const found = this.#search(Math.floor(until / this.#step), -1);
    if (found !== undefined) return found;
    const earlier = this.#ask(until - searched, (expression) => expression.prev());
    if (earlier <= until) return earlier;
    throw new Error(`${this.#text} has no time before ${new Date(until).toISOString()}`);
  }

  #search(from: number, direction: 1 | -1): number | undefined {
    const expression = this.#parse(from * this.#step);
    for (let steps = 0; steps * this.#step <= searched; steps += 1) {
      const time = (from + direction * steps) * this.#step;
      if (expression.includesDate(new Date(time))) return time;
    }
    return undefined;
  }

  /** What cron-parser says; NaN where it says nothing. */
  #ask(from: number, question: (expression: CronExpression) => { getTime(): number }): number {
    const expression = this.#parse(from);
    try {
      return question(expression).getTime();
    } catch {
      return NaN;
    }
  }

  #parse(from: number): CronExpression {
    const { timezone: tz, seed: hashSeed } = this.#options;
    return CronExpressionParser.parse(this.#text, { currentDate: new Date(from), tz, hashSeed });
  }
}
