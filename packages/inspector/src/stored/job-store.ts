/**
 * What the page needs of durable jobs: the part of `DurableJobs` of `@outlive/durable` that looks jobs up and changes
 * them. By its shape, so that the page does not need that package.
 */
export interface JobStore {
  depth(): Promise<Record<string, StoredDepth>>;
  list?(query: { state: 'running' | 'failed'; limit: number }): Promise<{
    jobs: StoredJob[];
    next?: string | undefined;
  }>;
  get?(id: string): Promise<StoredJob | undefined>;
  retry?(id: string): Promise<boolean>;
  retryAll?(query: { name: string }): Promise<number>;
  cancel?(id: string): Promise<boolean>;
  discard?(id: string): Promise<boolean>;
  /** Of durable jobs: with a name. */
  pause?(name: string): Promise<void> | void;
  resume?(name: string): Promise<void> | void;
}

interface StoredDepth {
  readonly ready: number;
  readonly active: number;
  readonly failed: number;
  /** No process claims any of the name. */
  readonly paused?: boolean | undefined;
}

export interface StoredJob {
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  readonly payload: unknown;
  readonly error?: unknown;
  readonly createdAt: number;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly process?: string | undefined;
}

export function isStore(scheduler: object): scheduler is JobStore {
  const { depth, enqueue } = scheduler as { depth?: unknown; enqueue?: unknown };
  return typeof depth === 'function' && typeof enqueue === 'function';
}
