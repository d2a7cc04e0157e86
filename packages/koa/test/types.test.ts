import Router from '@koa/router';
import { atomic } from '@outlive/koa';
import { expectTypeOf } from 'expect-type';
import Koa, { type ParameterizedContext } from 'koa';

describe('the types of atomic() in Koa', () => {
  it('keep state and context', () => {
    interface State {
      user: string;
    }
    interface Custom {
      db: { find(id: string): Promise<string> };
    }
    const app = new Koa<State, Custom>();
    app.use(
      atomic(async (ctx: ParameterizedContext<State, Custom>, next: Koa.Next) => {
        expectTypeOf(ctx.state.user).toEqualTypeOf<string>();
        expectTypeOf(ctx.db.find).returns.toEqualTypeOf<Promise<string>>();
        await next();
      }),
    );
    const untyped = new Koa().use(
      atomic(async (ctx) => {
        ctx.body = 'ok';
      }),
    );
    expect(untyped.middleware).toHaveLength(1);
  });

  it('fit a router of @koa/router', () => {
    const router = new Router();
    router.get(
      '/orders/:id',
      atomic(async (ctx) => {
        ctx.body = 'ok';
      }),
    );
    expect(router.stack).toHaveLength(1);
  });

  it('decorate methods', () => {
    class Shop {
      @atomic
      async pay(ctx: ParameterizedContext): Promise<void> {
        ctx.body = 'paid';
      }
    }
    expectTypeOf<Shop['pay']>().toEqualTypeOf<(ctx: ParameterizedContext) => Promise<void>>();
    expect(new Shop().pay).toHaveLength(1);
  });
});
