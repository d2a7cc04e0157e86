import { constants } from 'node:os';
import { overrideMethod } from '../util/override-method.ts';

/** What a signal found when it came for the first time. */
interface First {
  /** Whether the process had sent it to itself. */
  readonly own: boolean;
  readonly listeners: ReadonlySet<unknown>;
}

/**
 * Signals that a framework which handles them as well sends on when it is done, so that the process ends
 * by the signal after all: `process.kill(process.pid, signal)`, as NestJS does
 * (https://github.com/nestjs/nest/blob/v11.1.10/packages/core/nest-application-context.ts). Nobody
 * outside has asked for anything then.
 *
 * One that a program sends itself without having been asked from outside, as a test does, counts. So the process's own
 * signal is one sent on if the first came from elsewhere, or if a listener that heard the first is gone: whoever
 * sends a signal on has to take its own listener off before.
 */
export class ResentSignals {
  readonly #firsts = new Map<string, First>();
  /** Whether each signal that the process has sent itself, and that has not arrived, is one sent on. */
  readonly #underWay = new Map<string, boolean[]>();
  #undo: (() => void) | undefined;

  watch(): void {
    const { kill } = process;
    this.#undo ??= overrideMethod(process, 'kill', (pid, signal = 'SIGTERM') => {
      const done = Reflect.apply(kill, process, [pid, signal]);
      const name = nameOf(signal);
      if (pid === process.pid && name !== undefined) this.#sent(name);
      return done;
    });
  }

  unwatch(): void {
    this.#undo?.();
    this.#undo = undefined;
    this.#firsts.clear();
    this.#underWay.clear();
  }

  /** A signal has arrived. Gives whether somebody of this process has sent it on. */
  explains(signal: string): boolean {
    const sent = this.#underWay.get(signal)?.shift();
    if (!this.#firsts.has(signal)) this.#note(signal, sent !== undefined);
    return sent === true;
  }

  #sent(signal: string): void {
    // An override that somebody else has overridden cannot be taken back.
    if (this.#undo === undefined) return;
    const first = this.#firsts.get(signal);
    const now = process.rawListeners(signal);
    const sentOn =
      first !== undefined &&
      (!first.own || [...first.listeners].some((listener) => !now.includes(listener as never)));
    this.#underWay.set(signal, [...(this.#underWay.get(signal) ?? []), sentOn]);
    if (first === undefined) this.#note(signal, true);
  }

  #note(signal: string, own: boolean): void {
    this.#firsts.set(signal, { own, listeners: new Set(process.rawListeners(signal)) });
  }
}

function nameOf(signal: string | number): string | undefined {
  if (typeof signal === 'string') return signal;
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
}
