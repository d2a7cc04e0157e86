import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { drainOnClose, Scheduler } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { settled } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { collected } from '@outlive/test-support/gc';
import { listen } from '@outlive/test-support/server';
import { promptly, watched } from '@outlive/test-support/watched';

function tied(scheduler: Scheduler): Server {
  const server = createServer((_request, response) => response.end('ok'));
  drainOnClose(server, scheduler);
  return server;
}

describe('a server that a whole scheduler is tied to', () => {
  it('is not kept in memory by it when it has closed', async () => {
    await using scheduler = new Scheduler();
    const useOne = async (): Promise<WeakRef<Server>> => {
      const server = tied(scheduler);
      await fetchFrom({ port: await listen(server) }, '/');
      await once(server.close(), 'close');
      return new WeakRef(server);
    };
    const servers = [await useOne(), await useOne(), await useOne()];
    expect(await collected(servers)).toBe(true);
  });

  it('is not kept in memory by it if it has never listened', async () => {
    await using scheduler = new Scheduler();
    const server = ((): WeakRef<Server> => new WeakRef(tied(scheduler)))();
    expect(await collected([server])).toBe(true);
  });

  it('counts again if it listens again after its close, though others have become garbage', async () => {
    await using scheduler = new Scheduler();
    const first = tied(scheduler);
    await listen(first);
    await once(first.close(), 'close');
    const dropped = ((): WeakRef<Server> => new WeakRef(tied(scheduler)))();
    expect(await collected([dropped])).toBe(true);
    await listen(first);
    const last = tied(scheduler);
    await listen(last);
    const held = deferred();
    const job = scheduler.spawnNow(() => held.promise);
    // Not the last: nobody's job is not its own.
    await promptly(once(last.close(), 'close'));
    expect(job.state).toBe('active');
    const closing = watched(once(first.close(), 'close'));
    await settled();
    expect(closing.over).toBe(false);
    held.resolve();
    await promptly(closing.promise);
  });
});
