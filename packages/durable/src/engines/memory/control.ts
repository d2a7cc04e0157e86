import type { JobControl } from '../../backend-operations.ts';
import type { MemoryJobs } from './jobs.ts';
import { beginAnew, end, type MemoryJob } from './memory-job.ts';

/**
 * @param wake - for when there may be a job to claim
 */
export function memoryControl(jobs: MemoryJobs, wake: () => void): JobControl {
  const retry = (job: MemoryJob | undefined): boolean => {
    if (job === undefined || (job.phase !== 'failed' && job.phase !== 'cancelled')) return false;
    if (jobs.isTaken(job.spec.name, job.key)) return false;
    beginAnew(job);
    jobs.addAgain(job);
    wake();
    return true;
  };
  return {
    async retry(id) {
      return retry(jobs.get(id));
    },
    async retryAll({ name, error }) {
      const failed = jobs
        .all()
        .filter(({ spec, phase }) => spec.name === name && phase === 'failed');
      const chosen = failed.filter((job) => {
        return (
          error === undefined || job.error?.name === error || job.error?.message.includes(error)
        );
      });
      return chosen.filter(retry).length;
    },
    async cancel(id) {
      const job = jobs.get(id);
      if (job?.phase === 'ready') end(job, 'cancelled', jobs.now);
      else if (job?.phase === 'active') job.cancelRequested = true;
      else return false;
      jobs.trim(job);
      return true;
    },
    async discard(id) {
      const job = jobs.get(id);
      if (job === undefined || job.phase === 'active') return false;
      jobs.remove(job);
      return true;
    },
    async pause(name) {
      jobs.paused.add(name);
    },
    async resume(name) {
      jobs.paused.delete(name);
      wake();
    },
  };
}
