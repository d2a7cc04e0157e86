import { Readable } from 'node:stream';
import { getScheduler } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { until } from '@outlive/test-support/conditions';
import { deferred } from '@outlive/test-support/deferred';
import { atomic, type Driver, native, type NativeHandler, type SetUp } from '../../driver.ts';
import { serve } from '../../support/server.ts';

/** What a handler got and gave. */
interface Call {
  readonly receiver: unknown;
  readonly args: unknown[];
  readonly returned: unknown;
}

function nothing(): void {}

/** Serves a route that calls an atomic handler by hand, with a receiver and one more argument. */
async function callOf(
  driver: Driver,
  handler: NativeHandler,
): Promise<{ outer: Call; inner: Call; body: string; status: number }> {
  const inner = deferred<Call>();
  const outer = deferred<Call>();
  const wrapped = driver.atomic(function (...args: unknown[]): unknown {
    const returned: unknown = Reflect.apply(handler, this, args);
    inner.resolve({ receiver: this, args, returned });
    return returned;
  });
  const receiver = { shop: true };
  const extra = Symbol('one more argument');
  const route = native((...args) => {
    const all = [...args, ...Array<undefined>(5).fill(undefined)].slice(0, 5).concat(extra);
    const returned: unknown = Reflect.apply(wrapped, receiver, all);
    outer.resolve({ receiver, args: all, returned });
    return returned;
  });
  await using app = await serve(driver, { routes: { '/': route } });
  const { body, status } = await fetchFrom(app, '/');
  return { outer: await outer.promise, inner: await inner.promise, body, status };
}

function* steps(): Generator<number> {
  yield 1;
}

async function* asyncSteps(): AsyncGenerator<number> {
  yield 1;
}

export function describeAtomic(driver: Driver): void {
  describe('atomic(handler)', () => {
    it('keeps the receiver and every argument', async () => {
      const { outer, inner, body } = await callOf(driver, async (...args) =>
        driver.exchange(args).answer('ok'),
      );
      expect(inner.receiver).toBe(outer.receiver);
      expect(inner.args).toHaveLength(outer.args.length);
      for (const [index, arg] of outer.args.entries()) expect(inner.args[index]).toBe(arg);
      expect(body).toBe('ok');
    });

    it('keeps length and name', () => {
      const none = driver.atomic(() => {});
      const two = driver.atomic(function pay(_first: unknown, _second: unknown) {});
      const four = driver.atomic((_a: unknown, _b: unknown, _c: unknown, _d: unknown) => {});
      expect([none, two, four].map(({ length }) => length)).toEqual([0, 2, 4]);
      expect(two.name).toBe('pay');
    });

    it('gives what a synchronous handler gives, at once, while a slot is free', async () => {
      const { outer, inner, body } = await callOf(driver, (...args) =>
        driver.exchange(args).answer('ok'),
      );
      expect(inner.returned).not.toBeInstanceOf(Promise);
      expect(outer.returned).toBe(inner.returned);
      expect(body).toBe('ok');
    });

    it('gives a promise for what an asynchronous handler gives', async () => {
      const { outer, inner, body } = await callOf(driver, async (...args) =>
        driver.exchange(args).answer('ok'),
      );
      expect(typeof (outer.returned as Promise<unknown>).then).toBe('function');
      expect(await outer.returned).toBe(await inner.returned);
      expect(body).toBe('ok');
    });

    it('starts synchronously, while a slot is free', async () => {
      const order: string[] = [];
      const handler = driver.atomic(async (...args) => {
        order.push('handler');
        return driver.exchange(args).answer('ok');
      });
      const route = native((...args) => {
        const returned = handler(...args);
        order.push('called');
        return returned;
      });
      await using app = await serve(driver, { routes: { '/': route } });
      await fetchFrom(app, '/');
      expect(order).toEqual(['handler', 'called']);
    });

    it('streams', async () => {
      const chunks = Array.from({ length: 100 }, (_, index) => `${index};`);
      await using app = await serve(driver, {
        routes: { '/': atomic(async (exchange) => exchange.stream(Readable.from(chunks))) },
      });
      expect((await fetchFrom(app, '/')).body).toBe(chunks.join(''));
    });

    it('redirects', async () => {
      await using app = await serve(driver, {
        routes: { '/': atomic(async (exchange) => exchange.redirect('/elsewhere')) },
      });
      const { status, headers } = await fetchFrom(app, '/');
      expect([status, headers['location']]).toEqual([302, '/elsewhere']);
    });

    it('lasts until the handler has settled, though the response ended before', async () => {
      const release = deferred();
      await using app = await serve(driver, {
        routes: {
          '/': atomic(async (exchange) => {
            exchange.takeOver().end('early');
            await release.promise;
          }),
        },
      });
      expect((await fetchFrom(app, '/')).body).toBe('early');
      expect(app.scheduler?.activeCount).toBe(1);
      release.resolve();
      await app.scheduler?.idle();
      expect(app.reports).toEqual([]);
    });

    it('counts against the limit', async () => {
      const releases = [deferred(), deferred(), deferred()];
      let running = 0;
      let most = 0;
      let calls = 0;
      await using app = await serve(driver, {
        jobs: { limit: 2 },
        routes: {
          '/': atomic(async (exchange) => {
            const release = releases[calls];
            calls += 1;
            running += 1;
            most = Math.max(most, running);
            await release?.promise;
            running -= 1;
            return exchange.answer('ok');
          }),
        },
      });
      const answers = [1, 2, 3].map(() => fetchFrom(app, '/'));
      await until(() => app.scheduler?.size === 3);
      expect([calls, app.scheduler?.pendingCount]).toEqual([2, 1]);
      for (const { resolve } of releases) resolve();
      expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(most).toBe(2);
    });

    it('is a job of the handler’s name, or of the one that is given', async () => {
      const names: (string | undefined)[] = [];
      const note: NativeHandler = (...args) => {
        const { request, answer } = driver.exchange(args);
        const [job] = getScheduler(request);
        names.push(job?.name);
        return answer('ok');
      };
      const routes: SetUp['routes'] = {
        '/own': native(
          driver.atomic(async function charge(...args: unknown[]) {
            return note(...args);
          }),
        ),
        '/given': native(driver.atomic(async (...args) => note(...args), { name: 'pay' })),
      };
      await using app = await serve(driver, { routes });
      await fetchFrom(app, '/own');
      await fetchFrom(app, '/given');
      expect(names).toEqual(['charge', 'pay']);
    });

    it('goes before background jobs, by its priority of 1', async () => {
      const order: string[] = [];
      const slot = deferred();
      await using app = await serve(driver, {
        jobs: { limit: 1 },
        routes: {
          '/usual': atomic(async (exchange) => exchange.answer(String(order.push('usual')))),
          '/low': atomic(async (exchange) => exchange.answer(String(order.push('low'))), {
            priority: -1,
          }),
        },
      });
      app.scheduler?.spawnNow(() => slot.promise);
      const low = fetchFrom(app, '/low');
      await until(() => app.scheduler?.pendingCount === 1);
      app.scheduler?.spawnNow(() => order.push('background'));
      const usual = fetchFrom(app, '/usual');
      await until(() => app.scheduler?.pendingCount === 3);
      slot.resolve();
      await Promise.all([low, usual]);
      expect(order).toEqual(['usual', 'background', 'low']);
    });

    it('refuses a generator function at set-up, whose body would never run', () => {
      for (const generator of [steps, asyncSteps]) {
        expect(() => driver.atomic(generator)).toThrow(TypeError);
        expect(() => driver.atomic(generator)).toThrow(/generator/i);
        expect(() => driver.atomic(generator, { timeout: 1_000 })).toThrow(/generator/i);
      }
    });

    it('refuses at set-up what is no function, and bad options', () => {
      const { atomic: wrap } = driver as unknown as { atomic: (...args: unknown[]) => unknown };
      for (const bad of [undefined, null, 'handler', 1]) expect(() => wrap(bad)).toThrow(TypeError);
      expect(() => wrap(nothing, { overload: 'queue' })).toThrow(TypeError);
      expect(() => wrap(nothing, { skipDisconnected: 1 })).toThrow(TypeError);
      expect(() => wrap(nothing, { timeout: -1 })).toThrow(RangeError);
      expect(() => wrap(nothing, { priority: Number.NaN })).toThrow(RangeError);
      expect(() => wrap(nothing, 'pay')).toThrow(TypeError);
      expect(() => wrap({ timeout: -1 })).toThrow(RangeError);
    });
  });
}
