import type { FastifyInstance } from 'fastify';
import type { Scheduler } from '@outlive/http';
import { type Group, serverDrain } from '@outlive/http/internal';
import { addLastPreClose } from './last-pre-close.ts';
import { linkServers, linkServersOnListen } from './linked-servers.ts';

// Node has no public way to ask avvio for it, but the instance offers it in Fastify 4 and 5: what it
// registers runs before all that was registered earlier, Fastify's own closing of the server included.
interface WithOnClose {
  onClose(hook: (instance: FastifyInstance, done: () => void) => void): void;
}

/**
 * Makes `fastify.close()` wait for the jobs while every plugin still has its resources; gives the group
 * of the app's jobs.
 */
export function drainOnAppClose(fastify: FastifyInstance, scheduler: Scheduler): Group {
  const drain = serverDrain(fastify.server);
  const group = drain.attach(scheduler, {});
  linkServersOnListen(fastify, drain);
  let over = false;
  // May take no longer than `pluginTimeout`. What is left then holds the server's 'close', which Fastify
  // awaits before it calls any plugin's `onClose`. It must resolve to undefined: `close()` would
  // reject with anything else.
  async function waitForJobs(): Promise<void> {
    if (!over) await within(preCloseBudget(fastify), drain.whenIdle());
  }
  let comesLast = false;
  fastify.addHook('preClose', async () => {
    if (over) return;
    linkServers(fastify, drain);
    drain.beginClose();
    if (!comesLast) await waitForJobs();
  });
  // An app that does not listen, with `inject()` alone, may have no 'close' to be held. This comes even
  // before its `preClose` hooks: a drain begun by ours would have no end then.
  fastify.addHook('onReady', async () => {
    // After those of all plugins: the jobs of a WebSocket may last until `@fastify/websocket` has closed it.
    comesLast = addLastPreClose(fastify, waitForJobs);
    (fastify as unknown as WithOnClose).onClose((_instance, done) => {
      if (fastify.server.listening) {
        done();
        return;
      }
      drain.beginClose();
      void drain.endClose().then(() => {
        over = true;
        done();
      });
    });
  });
  return group;
}

/** The part of avvio's time-out that the hook may use. */
function preCloseBudget({ initialConfig: { pluginTimeout = 10_000 } }: FastifyInstance): number {
  return pluginTimeout === 0 ? Infinity : pluginTimeout * 0.9;
}

async function within(limit: number, work: Promise<void>): Promise<void> {
  if (limit === Infinity) {
    await work;
    return;
  }
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limit);
  });
  await Promise.race([work, timeUp]);
  clearTimeout(timer);
}
