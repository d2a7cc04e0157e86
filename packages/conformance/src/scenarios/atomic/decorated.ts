import { getScheduler } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { deferred } from '@outlive/test-support/deferred';
import { type Driver, native, type NativeHandler } from '../../driver.ts';
import { serve } from '../../support/server.ts';

type OlderDecorator = (
  target: object,
  key: PropertyKey,
  descriptor: PropertyDescriptor | undefined,
) => PropertyDescriptor;

/** What TypeScript compiles a decorator to under `experimentalDecorators`. */
function decorate(decorator: unknown, target: object, key: PropertyKey): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, key);
  Object.defineProperty(target, key, (decorator as OlderDecorator)(target, key, descriptor));
}

export function describeDecorated(driver: Driver): void {
  describe('@atomic', () => {
    it.each(['plain', 'withOptions'] as const)(
      'keeps a method’s receiver and name, %s',
      async (which) => {
        const jobName = deferred<string | undefined>();
        class Shop {
          readonly greeting = 'hello';

          @driver.atomic
          async plain(...args: unknown[]): Promise<unknown> {
            return this.#greet(args);
          }

          @driver.atomic({ name: 'options', timeout: 60_000 })
          async withOptions(...args: unknown[]): Promise<unknown> {
            return this.#greet(args);
          }

          #greet(args: unknown[]): unknown {
            const { request, answer } = driver.exchange(args);
            jobName.resolve([...getScheduler(request)][0]?.name);
            return answer(this.greeting);
          }
        }
        const shop = new Shop();
        await using app = await serve(driver, {
          routes: { '/': native((...args) => shop[which](...args)) },
        });
        expect((await fetchFrom(app, '/')).body).toBe('hello');
        expect(await jobName.promise).toBe(which === 'plain' ? 'plain' : 'options');
        expect(shop[which].name).toBe(which);
      },
    );

    it.each(['plain', 'withOptions'] as const)(
      'does the same as TypeScript’s older decorator (experimentalDecorators), %s',
      async (which) => {
        const jobName = deferred<string | undefined>();
        class Shop {
          readonly greeting = 'hello';

          async plain(...args: unknown[]): Promise<unknown> {
            return this.#greet(args);
          }

          async withOptions(...args: unknown[]): Promise<unknown> {
            return this.#greet(args);
          }

          #greet(args: unknown[]): unknown {
            const { request, answer } = driver.exchange(args);
            jobName.resolve([...getScheduler(request)][0]?.name);
            return answer(this.greeting);
          }
        }
        decorate(driver.atomic, Shop.prototype, 'plain');
        decorate(
          driver.atomic({ name: 'options', timeout: 60_000 }),
          Shop.prototype,
          'withOptions',
        );
        const shop = new Shop();
        await using app = await serve(driver, {
          routes: { '/': native((...args) => shop[which](...args)) },
        });
        expect((await fetchFrom(app, '/')).body).toBe('hello');
        expect(await jobName.promise).toBe(which === 'plain' ? 'plain' : 'options');
        expect(shop[which].name).toBe(which);
        expect(Object.keys(Shop.prototype)).toEqual([]);
      },
    );

    it('decorates static methods and those with a symbol for a name, in either way', () => {
      const key = Symbol('key');
      class Shop {
        static open(): string {
          return 'open';
        }

        [key](): string {
          return 'key';
        }
      }
      const before = [Shop.open, Shop.prototype[key]];
      decorate(driver.atomic, Shop, 'open');
      decorate(driver.atomic({ timeout: 1 }), Shop.prototype, key);
      expect(Shop.open).not.toBe(before[0]);
      expect(Shop.open).toHaveLength(0);
      expect(Shop.prototype[key]).not.toBe(before[1]);
    });

    it('refuses what is no method, in either way', () => {
      class Shop {
        get open(): boolean {
          return true;
        }
      }
      for (const atomic of [driver.atomic, driver.atomic({ timeout: 1 })]) {
        expect(() => {
          decorate(atomic, Shop.prototype, 'open');
        }).toThrow(/decorates methods/);
        expect(() => {
          decorate(atomic, Shop.prototype, 'field');
        }).toThrow(/decorates methods/);
      }
    });

    it('keeps what others have put on a handler: metadata of decorators, properties', () => {
      const metadata = new Map<object, Map<unknown, unknown>>();
      const of = (target: object): Map<unknown, unknown> => metadata.get(target) ?? new Map();
      // As `reflect-metadata` does.
      const added = {
        getOwnMetadataKeys: (target: object) => [...of(target).keys()],
        getOwnMetadata: (name: unknown, target: object) => of(target).get(name),
        defineMetadata: (name: unknown, value: unknown, target: object) => {
          metadata.set(target, of(target).set(name, value));
        },
      };
      Object.assign(Reflect, added);
      try {
        const handler: NativeHandler = Object.assign(() => {}, { schema: { body: true } });
        added.defineMetadata('path', '/orders', handler);
        const wrapped = driver.atomic(handler);
        expect(added.getOwnMetadata('path', wrapped)).toBe('/orders');
        expect(Object.entries(wrapped)).toEqual([['schema', { body: true }]]);
      } finally {
        for (const name of Object.keys(added)) Reflect.deleteProperty(Reflect, name);
      }
    });

    it('refuses what is no method', () => {
      const decorateTc39 = driver.atomic({ timeout: 1 }) as (
        value: unknown,
        context: unknown,
      ) => unknown;
      expect(() => decorateTc39(() => {}, { kind: 'field', addInitializer() {} })).toThrow(
        TypeError,
      );
      expect(() => decorateTc39(() => {}, undefined)).toThrow(TypeError);
    });
  });
}
