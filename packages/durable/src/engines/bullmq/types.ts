import type { IQueueBackend, Job, Queue, Worker } from 'bullmq';

export type { BackendFactory, JobsOptions } from 'bullmq';
export type BullmqModule = typeof import('bullmq');
export type BullmqJob = Job<unknown>;
export type BullmqQueue = Queue<unknown>;
export type BullmqWorker = Worker<unknown, unknown, string, IQueueBackend>;
