import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { redisServer, RedisServer } from './redis-server.ts';

/** A master, a replica, and three sentinels that let the replica take over within some seconds. */
export class RedisSentinels {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly ports: readonly number[];
  readonly #folder: string;
  readonly #processes: readonly ChildProcess[];

  private constructor(
    servers: readonly [RedisServer, RedisServer],
    folder: string,
    sentinels: readonly { port: number; process: ChildProcess }[],
  ) {
    [this.master, this.replica] = servers;
    this.#folder = folder;
    this.ports = sentinels.map(({ port }) => port);
    this.#processes = sentinels.map(({ process }) => process);
  }

  static async start(): Promise<RedisSentinels> {
    const master = await RedisServer.start();
    const replica = await RedisServer.start('--replicaof', '127.0.0.1', String(master.port));
    const folder = await mkdtemp(join(tmpdir(), 'outlive-sentinel-'));
    const sentinels = await Promise.all(
      [1, 2, 3].map(async (number) => {
        const port = await freePort();
        const file = join(folder, `${number}.conf`);
        await writeFile(
          file,
          `port ${port}\nbind 127.0.0.1\ndir ${folder}\n` +
            `sentinel monitor mymaster 127.0.0.1 ${master.port} 2\n` +
            'sentinel down-after-milliseconds mymaster 3000\n' +
            'sentinel failover-timeout mymaster 5000\n',
        );
        const process = spawn(redisServer, [file, '--sentinel'], { stdio: 'ignore' });
        return { port, process };
      }),
    );
    return new RedisSentinels([master, replica], folder, sentinels);
  }

  async stop(): Promise<void> {
    for (const process of this.#processes) {
      if (process.exitCode !== null || process.signalCode !== null) continue;
      const ended = once(process, 'exit');
      process.kill('SIGKILL');
      await ended;
    }
    await Promise.all([this.master.stop(), this.replica.stop()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
