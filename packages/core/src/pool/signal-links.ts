import { Cancellation } from '../job/cancellation.ts';
import type { JobRecord } from '../job/record.ts';

/**
 * Which jobs outside signals cancel. One listener per signal, however many jobs share it: a listener
 * per job would cost each of them and print Node's warning of a leak.
 */
export class SignalLinks {
  readonly #links = new Map<AbortSignal, Link>();

  add(signal: AbortSignal, job: JobRecord): void {
    let link = this.#links.get(signal);
    if (link === undefined) {
      const jobs = new Set<JobRecord>();
      const onAbort = (): void => {
        const cancellation = new Cancellation(signal.reason);
        for (const each of jobs) each.owner.host.cancel(each, cancellation);
      };
      link = { jobs, onAbort };
      this.#links.set(signal, link);
      signal.addEventListener('abort', onAbort);
    }
    link.jobs.add(job);
    job.extend().unlink = () => {
      this.#remove(signal, job);
    };
  }

  #remove(signal: AbortSignal, job: JobRecord): void {
    const link = this.#links.get(signal);
    if (link === undefined) return;
    link.jobs.delete(job);
    if (link.jobs.size > 0) return;
    signal.removeEventListener('abort', link.onAbort);
    this.#links.delete(signal);
  }
}

interface Link {
  readonly jobs: Set<JobRecord>;
  readonly onAbort: () => void;
}
