import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** A MariaDB of our own: without users, and so open to everybody on this machine. */
export class MysqlServer {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
    const place = [
      `--datadir=${folder}`,
      `--socket=${join(folder, 's')}`,
      `--pid-file=${join(folder, 'pid')}`,
    ];
    const reached = ['--bind-address=127.0.0.1', `--port=${port}`, '--skip-grant-tables'];
    const small = ['--innodb-buffer-pool-size=8M', '--innodb-log-file-size=4M', '--skip-log-bin'];
    const user = process.getuid?.() === 0 ? ['--user=root'] : [];
    const args = ['--no-defaults', ...place, ...reached, ...small, ...user];
    this.#process = spawn('mariadbd', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  static async start(): Promise<MysqlServer> {
    const folder = await mkdtemp(join(tmpdir(), 'outlive-mysql-'));
    const server = new MysqlServer(folder, await freePort());
    let log = '';
    await new Promise<void>((resolve, reject) => {
      server.#process.stderr?.on('data', (chunk: Buffer) => {
        log += String(chunk);
        if (log.includes('ready for connections')) resolve();
      });
      server.#process.once('error', reject);
      server.#process.once('exit', () => reject(new Error(`mariadbd ended:\n${log}`)));
    });
    server.#process.stderr?.removeAllListeners('data').resume();
    return server;
  }

  get url(): string {
    return `mysql://root@127.0.0.1:${this.port}/information_schema`;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}
