import {
  after,
  disconnectSignal,
  type ExceptionContext,
  getScheduler,
  type JobsOptions,
  requestSignal,
  type RequestLike,
  spawn,
} from '@outlive/http';
import { once } from 'node:events';
import { type Answer, Client, fetchFrom } from '@outlive/test-support/client';
import { aborted, settled, until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { closeServer, listening, portOf } from '@outlive/test-support/server';
import { printed } from '@outlive/test-support/printed';
import { collecting } from '../src/drivers/shared.ts';
import { apollo } from '../src/recipes/apollo.ts';
import { honoAtomicApp, honoRoute, honoServe } from '../src/recipes/hono.ts';
import type { Built, Recipe, Work } from '../src/recipes/recipe.ts';
import { trpc } from '../src/recipes/trpc.ts';
import { yoga } from '../src/recipes/yoga.ts';

interface Served extends AsyncDisposable, Built {
  readonly port: number;
  readonly exceptions: ExceptionContext[];
}

async function serve(recipe: Recipe, work: Work, options?: JobsOptions): Promise<Served> {
  const exceptions: ExceptionContext[] = [];
  const built = await recipe.build(work, collecting(exceptions, options));
  if (!built.server.listening) await listening(built.server);
  return {
    ...built,
    port: portOf(built.server),
    exceptions,
    [Symbol.asyncDispose]: async () => {
      await built.scheduler.close();
      await closeServer(built.server);
    },
  };
}

function getRequest({ path }: Served): string {
  // Apollo Server asks for a content type of GETs as well.
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\r\n`;
}

const recipes = [honoAtomicApp, honoRoute, honoServe, trpc, yoga, apollo];

function named(recipe: Recipe): [string, Recipe] {
  return [recipe.name, recipe];
}

describe.each(recipes.map(named))('%s', (_name, recipe) => {
  it('finds the scheduler by what its users hold, and its jobs outlive the answer', async () => {
    const release = deferred();
    const ran: string[] = [];
    const found: unknown[] = [];
    await using app = await serve(recipe, async (request) => {
      found.push(getScheduler(request));
      after(request, () => ran.push('after'));
      await spawn(request, async () => {
        await release.promise;
        ran.push('job');
      });
      return 'done';
    });
    const { status, body } = await fetchFrom(app, app.path);
    expect(status).toBe(200);
    expect(body).toContain('done');
    expect(found).toEqual([app.scheduler]);
    await until(() => ran.includes('after'));
    const isClosed = once(app.server, 'close');
    let over = false;
    app.server.close(() => {
      over = true;
    });
    await settled();
    expect(over).toBe(false);
    release.resolve();
    await isClosed;
    expect(ran).toEqual(['after', 'job']);
    expect(app.exceptions).toEqual([]);
  });

  it('runs what it does to its end when the client leaves, and the close of its server waits', async () => {
    const entered = deferred<RequestLike>();
    const release = deferred();
    const ended: string[] = [];
    await using app = await serve(recipe, async (request) => {
      entered.resolve(request);
      await release.promise;
      ended.push('work');
      return 'done';
    });
    const client = new Client(app);
    client.socket.write(getRequest(app));
    const request = await entered.promise;
    const gone = disconnectSignal(request);
    const own = requestSignal(request);
    client.leave('FIN');
    await aborted(gone);
    expect(own.aborted).toBe(!recipe.isAtomic);
    const isClosed = once(app.server, 'close').then(() => ended.push('close'));
    app.server.close();
    await settled();
    expect(ended).toEqual([]);
    release.resolve();
    await isClosed;
    expect(ended).toEqual(['work', 'close']);
    expect(app.scheduler.size).toBe(0);
    expect(app.exceptions).toEqual([]);
  });

  it('keeps no slot when the client leaves a large answer unread', async () => {
    const answered = deferred();
    await using app = await serve(recipe, async () => {
      answered.resolve();
      return 'x'.repeat(20_000_000);
    });
    const client = new Client(app);
    client.socket.pause();
    client.socket.write(getRequest(app));
    await answered.promise;
    // Long enough for the buffers to be full.
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.leave('FIN');
    await app.scheduler.idle();
    expect(app.scheduler.size).toBe(0);
  });

  it('leaves errors to the framework, and frees the slot', async () => {
    using errors = printed();
    await using app = await serve(recipe, async () => {
      throw new Error('boom');
    });
    const { body } = await fetchFrom(app, app.path);
    expect(body).toMatch(/Internal Server Error|boom|Unexpected error/);
    await app.scheduler.idle();
    expect(errors.calls.length).toBeLessThanOrEqual(1);
    expect(app.exceptions).toEqual([]);
  });
});

/** A request that finds the only slot taken, and none may wait for it. */
async function overloaded(
  recipe: Recipe,
  work: (answer: Promise<Answer>, release: () => void) => Promise<void>,
): Promise<void> {
  const held = deferred();
  await using app = await serve(recipe, async () => 'done', { limit: 1, pendingLimit: 0 });
  await app.scheduler.spawn(() => held.promise);
  await work(fetchFrom(app, app.path), held.resolve);
  held.resolve();
}

describe.each(recipes.filter(({ isAtomic }) => isAtomic).map(named))('%s', (_name, recipe) => {
  it('answers 503 with Retry-After when there is no room', async () => {
    await overloaded(recipe, async (answer) => {
      expect(await answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    });
  });
});

describe.each(recipes.filter(({ isAtomic }) => !isAtomic).map(named))('%s', (_name, recipe) => {
  it('waits for room', async () => {
    await overloaded(recipe, async (answer, release) => {
      await settled();
      release();
      expect(await answer).toMatchObject({ status: 200 });
    });
  });
});
