import { Cancellation } from './cancellation.ts';
import type { Job } from './job.ts';

/**
 * Which jobs outside signals cancel. One listener per signal, however many jobs share it: a listener
 * per job would cost each of them and print Node's warning of a leak.
 */
export class SignalLinks {
  readonly #links = new Map<AbortSignal, Link>();

  add(signal: AbortSignal, job: Job): void {
    let link = this.#links.get(signal);
    if (link === undefined) {
      const jobs = new Set<Job>();
      const onAbort = (): void => {
        const cancellation = new Cancellation(signal.reason);
        for (const each of jobs) each._cancel(cancellation);
      };
      link = { jobs, onAbort };
      this.#links.set(signal, link);
      signal.addEventListener('abort', onAbort);
    }
    link.jobs.add(job);
    job._extend().unlink = () => {
      this.#remove(signal, job);
    };
  }

  #remove(signal: AbortSignal, job: Job): void {
    const link = this.#links.get(signal);
    if (link === undefined) return;
    link.jobs.delete(job);
    if (link.jobs.size > 0) return;
    signal.removeEventListener('abort', link.onAbort);
    this.#links.delete(signal);
  }
}

interface Link {
  readonly jobs: Set<Job>;
  readonly onAbort: () => void;
}
