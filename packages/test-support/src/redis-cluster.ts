import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { RedisServer } from './redis-server.ts';

const run = promisify(execFile);

/** A real cluster of six processes: three masters, each with a replica. */
export class RedisCluster {
  readonly nodes: readonly RedisServer[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  static async start(): Promise<RedisCluster> {
    const nodes = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const bus = await freePort();
        return RedisServer.start(
          '--cluster-enabled',
          'yes',
          '--cluster-port',
          String(bus),
          '--cluster-node-timeout',
          '3000',
          '--cluster-replica-validity-factor',
          '0',
        );
      }),
    );
    const places = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const options = ['--cluster-replicas', '1', '--cluster-yes'];
    await run('redis-cli', ['--cluster', 'create', ...places, ...options]);
    return new RedisCluster(nodes);
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(async (node) => node.stop()));
  }
}
