import { atomic, jobsMiddleware } from '@outlive/koa';
import Router from '@koa/router';
import Koa, { type Middleware, type ParameterizedContext } from 'koa';
import { same } from './results.mjs';

const app = new Koa<{ user: string }, { database: { find(): string } }>();
app.use(jobsMiddleware());
app.use(
  atomic(async (ctx, next) => {
    console.log(ctx.state.user.length, ctx.database.find().length);
    same<typeof ctx.path, string>(true);
    ctx.body = 'ok';
    ctx.status = 201;
    await next();
  }),
);
app.use(
  atomic(async (ctx) => {
    ctx.body = { paid: true };
  }),
);
const middleware: Middleware = atomic(
  async (ctx) => {
    ctx.body = 1;
  },
  { timeout: 10 },
);
const router = new Router();
router.get('/plain', middleware);
router.get(
  '/orders/:id',
  atomic(async (ctx) => {
    ctx.body = { id: ctx.params['id'] };
  }),
);
router.post(
  '/orders/:id',
  atomic(async (ctx, next) => {
    ctx.body = 1;
    await next();
  }),
  atomic(async (ctx) => {
    ctx.body = ctx.params['id'];
  }),
);
app.use(router.routes());

class Shop {
  @atomic
  async pay(ctx: ParameterizedContext): Promise<void> {
    ctx.body = 'paid';
  }

  @atomic({ timeout: 1_000 })
  async refund(_ctx: ParameterizedContext): Promise<number> {
    return 1;
  }
}
same<Shop['pay'], (ctx: ParameterizedContext) => Promise<void>>(true);
