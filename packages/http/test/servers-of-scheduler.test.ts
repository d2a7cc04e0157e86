import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { drainOnClose, Scheduler } from '@outlive/http';
import { fetchFrom } from '../../conformance/src/support/client.ts';
import { settled } from '../../conformance/src/support/conditions.ts';
import { deferred } from '../../conformance/src/support/deferred.ts';
import { listen } from './support/serve-jobs.ts';
import { promptly, watched } from './support/watched.ts';

setFlagsFromString('--expose-gc');
const gc: () => void = runInNewContext('gc');

/** Whether all of them become garbage. */
async function collected(references: readonly WeakRef<object>[]): Promise<boolean> {
  for (let round = 0; round < 50; round += 1) {
    await settled();
    gc();
    if (references.every((each) => each.deref() === undefined)) return true;
  }
  return false;
}

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
