import { setTimeout as sleep } from 'node:timers/promises';
import type { JobBackend, Lease } from '@outlive/durable';

/** Where a process ends as by kill -9. */
export const crashPoints = [
  'after claim',
  'before settle',
  'during settle',
  'after settle',
  'before schedule',
  'during schedule',
  'after schedule',
  'in handler',
] as const;

export type CrashPoint = (typeof crashPoints)[number];

export interface Crash {
  readonly at: CrashPoint;
  /** It ends the so many-th time that it gets there. */
  readonly time: number;
}

/** Ends this process where it is told to. */
export class Crasher {
  readonly #crash: Crash | undefined;
  #left: number;

  constructor(crash: Crash | undefined) {
    this.#crash = crash;
    this.#left = crash?.time ?? 0;
  }

  pass(point: CrashPoint): void {
    if (point !== this.#crash?.at) return;
    this.#left -= 1;
    if (this.#left <= 0) process.kill(process.pid, 'SIGKILL');
  }

  /** What is sent to the store may get there or not. */
  async passDuring<T>(point: CrashPoint, call: Promise<T>): Promise<T> {
    if (point === this.#crash?.at) {
      await Promise.race([call, sleep(Math.random())]);
      this.pass(point);
    }
    return call;
  }
}

interface Watch {
  /** Called when the store has acknowledged that a run is done. */
  readonly settled: (payload: unknown) => void;
}

/** A backend that ends the process on its way, and puts the time that a schedule was due into the payload. */
export function crashing(backend: JobBackend, crasher: Crasher, { settled }: Watch): JobBackend {
  const claim = backend.claim.bind(backend);
  const settle = backend.settle.bind(backend);
  const settleAndClaim = backend.settleAndClaim?.bind(backend);
  const { schedules } = backend;
  /** Of a run that is done. */
  const watched = async <T>(
    lease: Lease,
    call: () => Promise<T>,
    isGood: (result: T) => boolean,
  ) => {
    crasher.pass('before settle');
    const result = await crasher.passDuring('during settle', call());
    if (isGood(result)) settled(lease.payload);
    crasher.pass('after settle');
    return result;
  };
  return Object.assign(backend, {
    claim: async (...args: Parameters<typeof claim>) => {
      const leases = await claim(...args);
      if (leases.length > 0) crasher.pass('after claim');
      return leases;
    },
    settle: async (...args: Parameters<typeof settle>) => {
      const [lease, { kind }] = args;
      const call = async (): Promise<boolean> => settle(...args);
      return kind === 'done' ? watched(lease, call, (isGood) => isGood) : call();
    },
    settleAndClaim:
      settleAndClaim &&
      (async (...args: Parameters<typeof settleAndClaim>) =>
        watched(
          args[0],
          async () => settleAndClaim(...args),
          ({ wasGood }) => wasGood,
        )),
    schedules: schedules && {
      replace: schedules.replace,
      enqueue: async (...[job, id, due]: Parameters<typeof schedules.enqueue>) => {
        crasher.pass('before schedule');
        const payload = { ...(job.payload as object), due };
        const call = schedules.enqueue({ ...job, payload }, id, due);
        const stored = await crasher.passDuring('during schedule', call);
        if (stored !== null) crasher.pass('after schedule');
        return stored;
      },
    },
  });
}
