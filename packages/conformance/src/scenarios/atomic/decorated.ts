import { getScheduler } from '@outlive/http';
import { fetchFrom } from '@outlive/test-support/client';
import { deferred } from '@outlive/test-support/deferred';
import { type Driver, native } from '../../driver.ts';
import { serve } from '../../support/server.ts';

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

    it('refuses what is no method', () => {
      const decorate = driver.atomic({ timeout: 1 }) as (
        value: unknown,
        context: unknown,
      ) => unknown;
      expect(() => decorate(() => {}, { kind: 'field', addInitializer() {} })).toThrow(TypeError);
      expect(() => decorate(() => {}, undefined)).toThrow(TypeError);
    });
  });
}
