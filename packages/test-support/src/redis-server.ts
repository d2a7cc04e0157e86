import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** Another server that speaks its language may be tested in its place: `REDIS_SERVER=/usr/bin/valkey-server npx jest …`. */
export const redisServer: string = process.env['REDIS_SERVER'] ?? 'redis-server';
const isInstalled = spawnSync(redisServer, ['--version']).status === 0;

/** Tests that need a real Redis. npm has none: where it is not installed they are left out, aloud. */
export function describeRedis(title: string, body: () => void): void {
  if (isInstalled) {
    describe(title, body);
    return;
  }
  console.warn(
    `NOT RUN, there is no ${redisServer}: ${title}\nInstall it: apt-get install redis-server, or brew install redis`,
  );
  describe.skip(title, body);
}

/** A Redis of our own, set up as a store of jobs has to be. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  static async start(...settings: string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'outlive-redis-'));
    const server = new RedisServer(folder, await freePort());
    await server.restart(...settings);
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Ends it as a crash would, if it runs, and starts it again on the same data. */
  async restart(...settings: string[]): Promise<void> {
    await this.kill();
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder];
    const args = [...place, '--appendonly', 'yes', '--save', '', ...settings];
    const child = spawn(redisServer, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#process = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        log += String(chunk);
        if (log.includes('Ready to accept connections')) resolve();
      });
      child.once('exit', () => reject(new Error(`${redisServer} ended:\n${log}`)));
    });
    child.stdout?.removeAllListeners('data').resume();
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
