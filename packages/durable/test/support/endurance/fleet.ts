import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compileProgram, WorkerProcess } from '../worker-process.ts';
import type { Crash } from './crash.ts';
import { Log } from './log.ts';
import { judge, type Verdict } from './verdict.ts';
import type { Version } from './versions.ts';
import type { EnduranceOptions } from './worker.ts';

/** Time in ms that a process gets to crash where it is told to. */
const patience = 10_000;

let program = '';

/** Compiles the program of the processes; once for all tests of a file. */
export async function buildFleet(): Promise<void> {
  program = await compileProgram('endurance/worker');
}

/** The processes of an application, which are killed, crash and are replaced; and what they write. */
export class Fleet {
  readonly log: Log;
  /** When each killed process had ended, in epoch ms. */
  readonly killed = new Map<number, number>();
  /** When the store was down, in epoch ms. */
  readonly outages: [number, number][] = [];
  readonly workers: WorkerProcess[] = [];
  readonly isContinuous: boolean;
  readonly #folder: string;
  readonly #store: string;
  /** That of the last process that was told which. */
  #version: Version = 1;

  private constructor(folder: string, store: string | undefined) {
    this.#folder = folder;
    this.isContinuous = store !== undefined;
    this.#store = store ?? join(folder, 'jobs');
    this.log = new Log(join(folder, 'log'));
  }

  /** @param store - a URL; without it, they have a directory for PGlite */
  static async open(store?: string): Promise<Fleet> {
    return new Fleet(await mkdtemp(join(tmpdir(), 'outlive-endurance-')), store);
  }

  /** @param produces - so many tasks are stored by the process itself */
  async start(version: Version, produces?: number): Promise<void> {
    this.#version = version;
    this.workers.push(
      await WorkerProcess.startProgram(program, this.#options(version, { produces })),
    );
  }

  /** As kill -9 does it, and in its place another one. */
  async replaceKilled(): Promise<void> {
    const victim = this.workers.shift();
    if (victim !== undefined) await this.#kill(victim);
    await this.start(this.#version);
  }

  /** As a deploy does it with so many processes: the new one starts before the old one ends. */
  async deploy(version: Version, replaced = this.workers.length): Promise<void> {
    for (const old of this.workers.splice(0, replaced)) {
      await this.start(version);
      await old.end('SIGTERM');
    }
  }

  /** Starts one more process, which kills itself there, and waits for that. */
  async crash(crash: Crash, produces?: number): Promise<void> {
    const options = this.#options(this.#version, { crash, produces });
    const worker = WorkerProcess.launch(program, options);
    await Promise.race([worker.ended(), sleep(patience, undefined, { ref: false })]);
    await this.#kill(worker);
  }

  /** The store is down while `restart` runs. */
  async outage(restart: () => Promise<void>): Promise<void> {
    const from = Date.now();
    await restart();
    this.outages.push([from, Date.now()]);
  }

  /** Ends all processes as a deploy does. */
  async end(): Promise<void> {
    await Promise.all(this.workers.splice(0).map(async (worker) => worker.end('SIGTERM')));
  }

  /** @param until - up to when schedules are judged, in epoch ms */
  judge(tasks: readonly number[], until: number): Verdict {
    return judge(this.log.read(), tasks, this, until);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => worker.end('SIGKILL')));
    await rm(this.#folder, { recursive: true });
  }

  async #kill(worker: WorkerProcess): Promise<void> {
    await worker.end('SIGKILL');
    this.killed.set(worker.pid, Date.now());
  }

  #options(
    version: Version,
    more: { readonly crash?: Crash; readonly produces: number | undefined },
  ): EnduranceOptions {
    return { store: this.#store, space: 'endurance', log: this.log.file, version, ...more };
  }
}
