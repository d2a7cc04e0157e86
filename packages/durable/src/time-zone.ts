/** Time in ms from one look at the clocks of a zone to the next: none changes them and back within it. */
const week = 7 * 24 * 60 * 60 * 1_000;

/** A moment at which the clocks of a time zone are changed. */
export interface ClockChange {
  /** Epoch ms. */
  readonly at: number;
  /** How far in ms they go on; negative where they go back. */
  readonly by: number;
}

/** The clocks of an IANA time zone. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** How far in ms the clocks are ahead of UTC. */
  offsetAt(time: number): number {
    const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of this.#format.formatToParts(time)) shown[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1_000) * 1_000;
  }

  /** The first change after a time, up to another one. */
  changeWithin(after: number, until: number): ClockChange | undefined {
    const before = this.offsetAt(after);
    for (let from = after; from < until; from += week) {
      const to = Math.min(from + week, until);
      if (this.offsetAt(to) === before) continue;
      const at = this.#bisect(from, to, before);
      return { at, by: this.offsetAt(at) - before };
    }
    return undefined;
  }

  /** The first time with another offset than that of `from`; `to` has another one. */
  #bisect(from: number, to: number, offset: number): number {
    let [low, high] = [from, to];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }
}
