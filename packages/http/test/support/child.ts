import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** What a fixture tells: one line of JSON each. */
export interface Told {
  readonly event: string;
  readonly [detail: string]: unknown;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly cwd?: string | undefined;
  /** Whether it has a channel for messages, as PM2 gives to what it starts. */
  readonly ipc?: boolean | undefined;
}

/** A fixture at work. Leaves nothing behind at the end of the block. */
export class Child implements AsyncDisposable {
  readonly told: Told[] = [];
  readonly #process: ChildProcess;
  readonly #exit: Promise<Exit>;
  #stderr = '';
  #listeners: (() => void)[] = [];
  #ended = false;

  constructor(command: readonly string[], { cwd, ipc = false }: ChildOptions = {}) {
    const [file = '', ...args] = command;
    const stdio = ['pipe' as const, 'pipe' as const, 'pipe' as const];
    // A group of its own, as a terminal gives to what it starts.
    this.#process = spawn(file, args, {
      cwd,
      detached: true,
      stdio: ipc ? [...stdio, 'ipc'] : stdio,
    });
    this.#exit = once(this.#process, 'close').then((how) => {
      const [code, signal] = how as [number | null, NodeJS.Signals | null];
      this.#ended = true;
      this.#wake();
      return { code, signal };
    });
    const { stdout, stderr } = this.#process;
    if (stdout !== null) {
      createInterface(stdout).on('line', (line) => {
        // npm tells what it runs.
        if (!line.startsWith('{')) return;
        this.told.push(JSON.parse(line) as Told);
        this.#wake();
      });
    }
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#process.stdin?.on('error', () => undefined);
  }

  /** Resolves when the fixture says that it listens. */
  static async start(command: readonly string[], options?: ChildOptions): Promise<Child> {
    const child = new Child(command, options);
    await child.hears('listening');
    return child;
  }

  get port(): number {
    return Number(this.told.find(({ event }) => event === 'listening')?.['port']);
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves when the process has ended. */
  get exit(): Promise<Exit> {
    return this.#exit;
  }

  /** What was told under this name, in order. */
  all(event: string): Told[] {
    return this.told.filter((told) => told.event === event);
  }

  /** Resolves when it was told so often. */
  async hears(event: string, count = 1): Promise<Told> {
    for (;;) {
      const found = this.all(event)[count - 1];
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`It ended without telling '${event}'\n${this.#stderr}`);
      await new Promise<void>((resolve) => {
        this.#listeners.push(resolve);
      });
    }
  }

  /** Lets what the fixture holds back go on. */
  release(): void {
    this.#process.stdin?.write('release\n');
  }

  /** Sends a message to it. */
  send(message: string): void {
    this.#process.send?.(message);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** As a terminal does at Ctrl-C. */
  killGroup(signal: NodeJS.Signals): void {
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, signal);
  }

  #wake(): void {
    for (const listener of this.#listeners.splice(0)) listener();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.killGroup('SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
    await this.#exit;
  }
}
