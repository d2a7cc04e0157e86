import type { IQueueBackend, Job, JobJson, Queue, Worker } from 'bullmq';

export type { BackendFactory, JobsOptions } from 'bullmq';
export type BullmqModule = typeof import('bullmq');
export type BullmqJob = Job<unknown>;
export type BullmqQueue = Queue<unknown>;
export type BullmqWorker = Worker<unknown, unknown, string, IQueueBackend>;
/** What BullMQ says of a job that it has taken, and its id. */
export type JobData = [data: JobJson | null | undefined, id: string | undefined];
