// What a user's compiler has to know of our results: nothing may silently become `any`.
import {
  after,
  atomic,
  type DrainReport,
  getScheduler,
  gracefulShutdown,
  type Job,
  Scheduler,
  shield,
  type ShutdownHandle,
  spawn,
} from '@outlive/http';
import type { Job as CoreJob } from '@outlive/core';
import type { DurableJobs, openJobs } from '@outlive/durable';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export function same<A, B>(_same: Same<A, B>): void {}

const scheduler = new Scheduler({ limit: 2 });
same<ReturnType<typeof getScheduler>, Scheduler>(true);
same<Job<number>, CoreJob<number>>(true);
same<Job<number>, Job<string>>(false);

export async function results(request: IncomingMessage): Promise<void> {
  const job = await spawn(request, async ({ signal }) => {
    same<typeof signal, AbortSignal>(true);
    return 7;
  });
  same<typeof job, Job<number>>(true);
  const value = await job.wait({ timeout: 10 });
  same<typeof value, number>(true);
  const later = after(request, () => 'done');
  same<typeof later, Job<string>>(true);
  const shielded = await shield(request, Promise.resolve(true));
  same<typeof shielded, boolean>(true);
  const report = await scheduler.drain();
  same<typeof report, DrainReport>(true);
  same<typeof report.completed, number>(true);
  same<typeof report.cancelled, Job[]>(true);
  const handle = gracefulShutdown(createServer());
  same<typeof handle, ShutdownHandle>(true);
  await using nested = new Scheduler();
  same<typeof nested.limit, number>(true);
}

const listener = atomic(async (_req: IncomingMessage, _res: ServerResponse) => 7);
same<typeof listener, (req: IncomingMessage, res: ServerResponse) => Promise<number>>(true);
createServer(atomic(async (req, res) => void res.end(req.url)));
same<Awaited<ReturnType<typeof openJobs>>, DurableJobs>(true);

// @ts-expect-error -- a count
export const bad = new Scheduler({ limit: '2' });
// @ts-expect-error -- no such way
atomic(() => {}, { overload: 'queue' });
