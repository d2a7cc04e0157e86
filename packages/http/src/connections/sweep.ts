// Not the globals, so that fake timers cannot hold a close back.
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { now } from './arrival.ts';

/** Turns of the event loop in which what the system has received is read: four were enough when measured. */
const turnsToRead = 10;

/**
 * Looks at the connections of a closing server again and again, as long as there is something to wait
 * for; never before reading has had its turn. A socket may have been accepted, and the request on it
 * have arrived, while the bytes are still unread: to end it then would reset what Node answers.
 */
export class Sweep {
  readonly #look: (asOf: number) => number;
  #turnsLeft = 0;
  /** When the turns of reading began, in ms of `now()`. */
  #asOf = 0;
  /** Whether a look was asked for while one was under way. */
  #again = false;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param look - gives in how many ms from `asOf` on it wants to be called next; Infinity for never. What has come by `asOf`,
   *   in ms of `now()`, is read; what comes while the process stands still between the reading and the look is not
   */
  constructor(look: (asOf: number) => number) {
    this.#look = look;
  }

  /** Looks when reading has had its turn. */
  soon(): void {
    if (this.#turnsLeft > 0) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#asOf = now();
    this.#turnsLeft = turnsToRead;
    setImmediate(this.#onTurn);
  }

  /** Looks no more until `soon()` is called. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#turnsLeft = 0;
    this.#again = false;
  }

  readonly #onTurn = (): void => {
    if (this.#turnsLeft === 0) return;
    this.#turnsLeft -= 1;
    if (this.#turnsLeft > 0) {
      setImmediate(this.#onTurn);
      return;
    }
    const wait = this.#look(this.#asOf);
    if (this.#again) {
      this.#again = false;
      this.soon();
    } else if (wait < Infinity) {
      const rest = Math.max(this.#asOf + wait - now(), 0);
      this.#timer = setTimeout(() => this.soon(), rest).unref();
    }
  };
}
