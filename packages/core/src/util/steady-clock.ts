const realSetTimeout = setTimeout;
const realNow = performance.now;
const realDate = Date;

/** How many ms early real timers may fire: they count in whole ones. */
const earliest = 2;

type Source = 'performance' | 'date';

/**
 * A clock in ms that goes with the timers of this process and is never set back: the monotonic one, whatever happens to
 * the time of day. Where the timers are fake, it is the fake clock that goes with them, if `performance` is none: not
 * all fake timers replace it (https://nodejs.org/api/test.html#mocktimersenableenableoptions).
 */
export class SteadyClock {
  #source: Source = 'performance';
  /** What is added to the source, so that another one goes on where the last one stopped. */
  #offset = 0;
  #last = 0;

  now(): number {
    const source = sourceInPlace();
    if (source !== this.#source) {
      this.#source = source;
      this.#offset = this.#last - read(source);
    }
    this.#last = Math.max(this.#last, read(source) + this.#offset);
    return this.#last;
  }

  /** A timer for this moment has fired: if that is too early for a real one, it goes by a clock that is hidden. */
  reach(moment: number): void {
    const early = moment - this.now();
    if (early > earliest && setTimeout !== realSetTimeout) this.#offset += early;
  }
}

function sourceInPlace(): Source {
  const faked = setTimeout !== realSetTimeout && performance.now === realNow;
  return faked && Date !== realDate ? 'date' : 'performance';
}

function read(source: Source): number {
  return source === 'date' ? Date.now() : performance.now();
}
