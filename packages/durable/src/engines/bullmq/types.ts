import { loadEngine } from '../load-engine.ts';
import type { Redis } from './redis.ts';

// The part of BullMQ that is used. Spelled out, since our own types must not need an optional peer.

export interface BullmqModule {
  Queue: new (name: string, options: ConnectedOptions) => BullmqQueue;
  Worker: new (
    name: string,
    processor: null,
    options: ConnectedOptions & WorkerOptions,
    // What makes the store of a queue: here one that has no connection of its own to block on.
    backendFactory: (name: string, options: never) => never,
  ) => BullmqWorker;
  createRedisBackend: (name: string, options: never) => never;
}

interface ConnectedOptions {
  connection: Redis;
  prefix: string;
  skipVersionCheck: boolean;
}

interface WorkerOptions {
  lockDuration: number;
  stalledInterval: number;
  maxStalledCount: number;
}

export interface BullmqQueue {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  add(name: string, data: unknown, options: AddOptions): Promise<{ id?: string | undefined }>;
  getJobCounts(...states: CountedState[]): Promise<Record<string, number>>;
  toKey(type: string): string;
  close(): Promise<void>;
}

type CountedState = 'waiting' | 'prioritized' | 'delayed' | 'active' | 'failed';

interface AddOptions {
  jobId: string;
  attempts: number;
  backoff?: { type: 'exponential'; delay: number };
  delay: number;
  priority: number;
  deduplication?: { id: string };
  removeOnComplete: boolean;
  removeOnFail: boolean;
  stackTraceLimit: number;
}

export interface BullmqWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  startStalledCheckTimer(): Promise<void>;
  getNextJob(token: string, options: { block: boolean }): Promise<BullmqJob | undefined>;
  close(force: boolean): Promise<void>;
}

export interface BullmqJob {
  readonly id?: string | undefined;
  readonly data: unknown;
  readonly opts: { readonly attempts?: number | undefined };
  /** How often it has failed. */
  readonly attemptsMade: number;
  /** How often its lock has run out. */
  readonly stalledCounter: number;
  extendLock(token: string, duration: number): Promise<number>;
  moveToCompleted(value: null, token: string, fetchNext: boolean): Promise<unknown>;
  moveToFailed(error: Error, token: string, fetchNext: boolean): Promise<unknown>;
  moveToWait(token: string): Promise<unknown>;
}

export async function loadBullmq(): Promise<BullmqModule> {
  return loadEngine<BullmqModule>(
    'bullmq',
    '>=6.7.0 <7',
    async () => import('bullmq'),
    'createRedisBackend', // which the versions before 6 lack
  );
}
