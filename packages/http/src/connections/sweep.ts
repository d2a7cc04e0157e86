// Not the globals, so that fake timers cannot hold a close back.
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';

/** Turns of the event loop in which what the system has received is read: four were enough when measured. */
const turnsToRead = 10;

/**
 * Looks at the connections of a closing server again and again, as long as there is something to wait
 * for; never before reading has had its turn. A socket may have been accepted, and the request on it
 * have arrived, while the bytes are still unread: to end it then would reset what Node answers.
 */
export class Sweep {
  readonly #look: () => number;
  #turnsLeft = 0;
  /** Whether a look was asked for while one was under way. */
  #again = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param look - gives in how many ms it wants to be called next; Infinity for never */
  constructor(look: () => number) {
    this.#look = look;
  }

  /** Looks when reading has had its turn. */
  soon(): void {
    if (this.#turnsLeft > 0) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
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
    const wait = this.#look();
    if (this.#again) {
      this.#again = false;
      this.soon();
    } else if (wait < Infinity) {
      this.#timer = setTimeout(() => this.soon(), wait).unref();
    }
  };
}
