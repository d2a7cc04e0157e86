import type { FastifyInstance } from 'fastify';
import type { Scheduler } from '@outlive/http';
import { type Group, type ServerDrain, serverDrain } from '@outlive/http/internal';
import { addLastPreClose } from './last-pre-close.ts';
import { linkServers, linkServersOnListen } from './linked-servers.ts';

// There is no public way to avvio, which does it, but the instance has it in Fastify 4 and 5.
interface WithOnClose {
  onClose(hook: (instance: FastifyInstance, done: () => void) => void): void;
}

/**
 * Makes `fastify.close()` wait for the jobs while every plugin still has its resources; gives the group
 * of the app's jobs.
 */
export function drainOnAppClose(fastify: FastifyInstance, scheduler: Scheduler): Group {
  const drain = serverDrain(fastify.server);
  const group = drain.attachments.attach(scheduler, {}).group;
  linkServersOnListen(fastify, drain);
  // May take no longer than `pluginTimeout`. What is left then holds the server's 'close', which Fastify
  // awaits before it calls any plugin's `onClose`. It must resolve to undefined: `close()` would
  // reject with anything else.
  async function waitForJobs(): Promise<void> {
    await within(preCloseBudget(fastify), drain.whenIdle());
  }
  let comesLast = false;
  fastify.addHook('preClose', async () => {
    linkServers(fastify, drain);
    drain.beginClose();
    if (!fastify.server.listening) endAfterFastify(fastify, drain);
    if (!comesLast) await waitForJobs();
  });
  // Without a name: where one of these hooks hangs, Fastify 5 names the last of them, whichever that is
  // (https://github.com/fastify/fastify/blob/v5.12.8/lib/hooks.js).
  fastify.addHook('onReady', async () => {
    // After those of all plugins: the jobs of a WebSocket may last until `@fastify/websocket` has closed it.
    comesLast = addLastPreClose(fastify, waitForJobs);
  });
  return group;
}

/**
 * A server that never listened, as with `inject()` alone, may have no 'close' to be held. What is added while
 * Fastify closes the server comes right after that, and before any plugin's `onClose`.
 */
function endAfterFastify(fastify: FastifyInstance, drain: ServerDrain): void {
  (fastify as unknown as WithOnClose).onClose((_instance, done) => {
    if (drain.closing) void drain.endClose().then(done);
    else done();
  });
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
