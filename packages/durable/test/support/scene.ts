import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { defineJob, type DurableJobs, openJobs } from '@outlive/durable';
import { backendOf } from './backend-of.ts';
import { Proxy } from './proxy.ts';
import type { Server } from './stores.ts';
import type { LogLine, Task } from './worker.ts';
import { readLog, untilLogged, WorkerProcess } from './worker-process.ts';

/** Only stored here: the workers' own definition of the same name runs them. */
const task = defineJob<Task>('task', () => {}, { retries: 50, backoff: 0, leaseTime: 10_000 });

interface StartOptions {
  /** The way to the store. @defaultValue the straight one */
  readonly proxy?: Proxy;
  readonly queryTimeout?: number;
  /** Grace in ms from SIGTERM on. @defaultValue 500 */
  readonly timeout?: number;
  readonly preload?: string[];
}

/** Processes that share a store, with jobs of their own in it. */
export class Scene {
  readonly #server: Server;
  readonly #folder: string;
  readonly #space = `scene_${randomUUID().slice(0, 8)}`;
  readonly #workers: WorkerProcess[] = [];
  readonly #proxies: Proxy[] = [];
  #producer: DurableJobs | undefined;

  private constructor(server: Server, folder: string) {
    this.#server = server;
    this.#folder = folder;
  }

  static async open(server: Server): Promise<Scene> {
    const scene = new Scene(server, await mkdtemp(join(tmpdir(), 'outlive-scene-')));
    scene.#producer = await openJobs({
      jobs: [task],
      backend: backendOf(server.url, scene.#space),
      work: false,
      exceptionHandler: () => {}, // the server may be restarted under it
    });
    return scene;
  }

  get jobs(): DurableJobs {
    if (this.#producer === undefined) throw new Error('The scene is not open');
    return this.#producer;
  }

  get lines(): LogLine[] {
    return readLog(this.#log);
  }

  /** The lines about one job. */
  linesOf(what: LogLine['what'], n: number): LogLine[] {
    return this.lines.filter((line) => line.what === what && line.n === n);
  }

  async store(payload: Task, key?: string): Promise<void> {
    await this.jobs.enqueue(task, payload, { key });
  }

  /** Waits until nothing is left to do: the log knows of an end before the store does. */
  async untilEmpty(): Promise<void> {
    const empty = { ready: 0, active: 0, failed: 0 };
    const givenUpAt = performance.now() + 20_000;
    for (;;) {
      const depth = (await this.jobs.depth())['task'];
      if (isDeepStrictEqual(depth, empty)) return;
      if (performance.now() > givenUpAt) throw new Error(`Left: ${JSON.stringify(depth)}`);
      await sleep(50);
    }
  }

  async proxy(): Promise<Proxy> {
    const proxy = await Proxy.start(this.#server.port);
    this.#proxies.push(proxy);
    return proxy;
  }

  async startWorker({ proxy, preload, ...options }: StartOptions = {}): Promise<WorkerProcess> {
    const { url, port } = this.#server;
    const store = proxy === undefined ? url : url.replace(String(port), String(proxy.port));
    const defaults = { store, space: this.#space, log: this.#log, limit: 10, timeout: 500 };
    const worker = await WorkerProcess.start({ ...defaults, ...options }, preload);
    this.#workers.push(worker);
    return worker;
  }

  /** Waits for the first line of this kind about a job; with `not`, by another process than that. */
  async until(what: LogLine['what'], n: number, not?: WorkerProcess): Promise<LogLine> {
    const wanted = (line: LogLine): boolean =>
      line.what === what && line.n === n && line.pid !== not?.pid;
    return untilLogged(this.#log, wanted);
  }

  /** The numbers of the jobs that have ended. */
  get done(): Set<number> {
    return new Set(this.lines.flatMap(({ what, n }) => (what === 'end' ? [n] : [])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map(async (worker) => worker.end('SIGKILL')));
    await Promise.all(this.#proxies.map(async (proxy) => proxy.stop()));
    await this.#producer?.close();
    await rm(this.#folder, { recursive: true });
  }

  get #log(): string {
    return join(this.#folder, 'log');
  }
}
