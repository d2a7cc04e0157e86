import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { LogLine, WorkerOptions } from './worker.ts';

// Inside the repository, so that engines are found; git ignores it.
const folder = join(__dirname, '../../../../node_modules/.cache/outlive');
const scriptOf = (name: string): string => join(folder, `${name}-${process.pid}.mjs`);
const script = scriptOf('worker');

/** Compiles the worker; once for all tests of a file. */
export async function buildWorker(): Promise<void> {
  await compileProgram('worker');
}

/** Compiles a program of this folder; gives the path of what Node runs. */
export async function compileProgram(name: string): Promise<string> {
  const outfile = scriptOf(name);
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [join(__dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@outlive/source'],
    external: ['pg-boss', '@electric-sql/pglite', 'bullmq', 'ioredis'],
    logLevel: 'silent',
  });
  return outfile;
}

/** A process that runs jobs. */
export class WorkerProcess {
  readonly child: ChildProcess;

  private constructor(program: string, options: object, preload: readonly string[]) {
    this.child = fork(program, [JSON.stringify(options)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: preload.flatMap((module) => ['--import', pathToFileURL(module).href]),
    });
  }

  /**
   * @param preload - modules that it loads first
   * @throws what it printed, if it ends before it is ready
   */
  static async start(options: WorkerOptions, preload: string[] = []): Promise<WorkerProcess> {
    return WorkerProcess.startProgram(script, options, preload);
  }

  /** One that {@link compileProgram} has compiled, and that may end before it is ready. */
  static launch(program: string, options: object): WorkerProcess {
    const worker = new WorkerProcess(program, options, []);
    worker.child.stderr?.resume();
    return worker;
  }

  /** One that {@link compileProgram} has compiled. */
  static async startProgram(
    program: string,
    options: object,
    preload: string[] = [],
  ): Promise<WorkerProcess> {
    const worker = new WorkerProcess(program, options, preload);
    let printed = '';
    worker.child.stderr?.on('data', (chunk: Buffer) => (printed += String(chunk)));
    await new Promise<void>((resolve, reject) => {
      worker.child.once('message', () => resolve());
      worker.child.once('exit', () => reject(new Error(printed)));
    });
    return worker;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Ends it; resolves when it has ended, to its exit code or signal. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string> {
    const ended = this.ended();
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return ended;
  }

  /** Resolves when it has ended, to its exit code or signal. */
  async ended(): Promise<number | string> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    if (this.child.signalCode !== null) return this.child.signalCode;
    const [code, name] = (await once(this.child, 'exit')) as [number | null, string | null];
    return code ?? name ?? '';
  }
}

/** What the workers have written so far. */
export function readLog(log: string): LogLine[] {
  if (!existsSync(log)) return [];
  // What follows the last end of a line is being written.
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LogLine);
}

/** Waits for the first line that is looked for. */
export async function untilLogged(
  log: string,
  wanted: (line: LogLine) => boolean,
  within = 60_000,
): Promise<LogLine> {
  const until = performance.now() + within;
  for (;;) {
    const line = readLog(log).find(wanted);
    if (line !== undefined) return line;
    if (performance.now() > until) {
      throw new Error(
        `not logged within ${within} ms:\n${JSON.stringify(readLog(log).slice(-20))}`,
      );
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
