import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * The system takes none of these for connections and for servers that ask for any (Linux: from 32768 on, others: from
 * 49152 on): what is free stays so, until a server has started, and while it is started again.
 */
const [lowest, highest] = [10_000, 32_767];

const given = new Set<number>();

export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
